package io.prunegrid.job.store.disk;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Optional;
import org.apache.hadoop.ipc.RemoteException;

/** Hadoop's exceptions in one sentence, and as the ones that java.nio has. */
final class HadoopErrors {
  private HadoopErrors() {}

  /** The first line of what matters in it. */
  static String reason(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnknownHostException) {
        return "no host is known by this name: " + line(cause);
      }
      if (cause instanceof ConnectException) {
        return "nothing answers there: " + line(cause);
      }
    }
    return error.getClass().getSimpleName() + ": " + line(error);
  }

  private static String line(Throwable error) {
    return Optional.ofNullable(error.getMessage())
        .flatMap(text -> text.lines().findFirst())
        .orElse("no reason given");
  }

  /** Whether an error says that a name is taken. */
  static boolean saysTaken(IOException error) {
    return error instanceof org.apache.hadoop.fs.FileAlreadyExistsException
        || error instanceof java.nio.file.FileAlreadyExistsException
        || (error instanceof RemoteException remote
            && remote.getClassName().endsWith(".AlreadyBeingCreatedException"));
  }
}
