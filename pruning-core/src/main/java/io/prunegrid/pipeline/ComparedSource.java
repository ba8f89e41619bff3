package io.prunegrid.pipeline;

import io.prunegrid.common.BadInput;
import io.prunegrid.data.DataSource;
import io.prunegrid.data.Dataset;
import io.prunegrid.data.Fingerprint;
import io.prunegrid.data.Fingerprints;
import io.prunegrid.data.Part;
import io.prunegrid.graph.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A data set whose parts, once they are read, are compared with what was remembered of them: files
 * may have been changed behind their times.
 */
final class ComparedSource implements DataSource {
  private final DataSource source;
  private final Fingerprints fingerprints;
  private final Function<DataSource, Optional<Fingerprint>> known;

  ComparedSource(
      DataSource source,
      Fingerprints fingerprints,
      Function<DataSource, Optional<Fingerprint>> known) {
    this.source = source;
    this.fingerprints = fingerprints;
    this.known = known;
  }

  @Override
  public String spec() {
    return source.spec();
  }

  @Override
  public Shape imageShape() {
    return source.imageShape();
  }

  @Override
  public List<String> classNames() {
    return source.classNames();
  }

  @Override
  public List<Path> files() {
    return source.files();
  }

  @Override
  public Dataset train() {
    return compared(Part.TRAIN, source.train());
  }

  @Override
  public Dataset test() {
    return compared(Part.TEST, source.test());
  }

  private Dataset compared(Part part, Dataset read) {
    Optional<Fingerprint> remembered = known.apply(source);
    if (remembered.isPresent() && !remembered.get().of(part).equals(read.contentHash())) {
      fingerprints.forget(source);
      throw new BadInput(
          "data '"
              + spec()
              + "': the "
              + part
              + " part was changed although the sizes and times of its files were not; run again,"
              + " and it will be read anew");
    }
    return read;
  }
}
