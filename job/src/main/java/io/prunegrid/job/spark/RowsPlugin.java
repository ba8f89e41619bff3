package io.prunegrid.job.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * The way from the executors to the driver: Spark's own calls between plugins. The driver answers
 * on one thread, so it only takes note there; that rows are on disk is asked for separately.
 */
public final class RowsPlugin implements SparkPlugin {
  @Override
  public DriverPlugin driverPlugin() {
    return new Driver();
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new Executor();
  }

  /**
   * Answers travel as bytes: the threads of Spark's own calls do not see the classes of jars that
   * came with the application.
   */
  private static byte[] bytes(Object answer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @SuppressWarnings("BanSerializableRead") // from our own driver, over Spark's connection
  private static Object value(byte[] answer) throws IOException, ClassNotFoundException {
    ClassLoader ours = RowsPlugin.class.getClassLoader();
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(answer)) {
          @Override
          protected Class<?> resolveClass(ObjectStreamClass named)
              throws IOException, ClassNotFoundException {
            try {
              return Class.forName(named.getName(), false, ours);
            } catch (ClassNotFoundException e) {
              return super.resolveClass(named);
            }
          }
        }) {
      return in.readObject();
    }
  }

  private static final class Driver implements DriverPlugin {
    @Override
    public Map<String, String> init(SparkContext context, PluginContext plugin) {
      return Map.of();
    }

    @Override
    public Object receive(Object message) {
      if (message instanceof Message known) {
        return bytes(Desk.of(known.run()).receive(known));
      }
      throw new IllegalArgumentException("not a message of ours: " + message);
    }
  }

  /** One in each executor's process. */
  static final class Executor implements ExecutorPlugin {
    private static volatile PluginContext context;

    @Override
    public void init(PluginContext context, Map<String, String> extra) {
      Executor.context = context;
      Pulse.start();
    }

    /** Asks the driver and waits for its answer. */
    static Object ask(Message message) throws Exception {
      PluginContext current = context;
      if (current == null) {
        throw new IllegalStateException(
            "this executor was started without the plugin " + RowsPlugin.class.getName());
      }
      return value((byte[]) current.ask(message));
    }

    /** The executor's name. */
    static String name() {
      return SparkEnv.get().executorId();
    }

    /** Host and executor. */
    static String place() {
      PluginContext current = context;
      // The context's own hostname fails in executors that have a process of their own.
      return current == null
          ? "driver"
          : SparkEnv.get().blockManager().blockManagerId().host() + "/" + current.executorID();
    }
  }
}
