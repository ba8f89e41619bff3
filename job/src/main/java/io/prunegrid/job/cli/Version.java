package io.prunegrid.job.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the jar. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "prunegrid "
          + Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
              .orElse("(from classes, no release)")
    };
  }
}
