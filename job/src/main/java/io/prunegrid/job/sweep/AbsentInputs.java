package io.prunegrid.job.sweep;

import io.prunegrid.channel.Counts;
import io.prunegrid.channel.Heads;
import io.prunegrid.common.Sha256;
import io.prunegrid.common.WorkingFolder;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Fingerprint;
import io.prunegrid.format.GraphJson;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.pipeline.CellInputs;
import io.prunegrid.pipeline.DataShape;
import io.prunegrid.pipeline.ModelConfig;
import io.prunegrid.pipeline.ModelLoader;
import io.prunegrid.pipeline.NetworkInputs;
import io.prunegrid.zoo.Zoo;
import java.nio.file.Files;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Inputs some of which are not here. What is absent is taken to look as published, to hold no image
 * and to be itself alone: keys that depend on it are equal within a plan and equal to no row's.
 */
final class AbsentInputs implements CellInputs {
  private final CellInputs present;
  private final Set<String> missing = new TreeSet<>();

  AbsentInputs(CellInputs present) {
    this.present = present;
  }

  /** What is not here, as a person wrote it. */
  Set<String> missing() {
    return Collections.unmodifiableSet(missing);
  }

  private boolean isAbsent(String spec) {
    boolean absent = Datasets.isAbsent(spec);
    if (absent) {
      missing.add("data " + spec);
    }
    return absent;
  }

  @Override
  public Datasets.Look look(String spec) {
    return isAbsent(spec) ? Datasets.look(spec) : present.look(spec);
  }

  @Override
  public Fingerprint content(String spec) {
    if (!isAbsent(spec)) {
      return present.content(spec);
    }
    List<Integer> none = Collections.nCopies(Datasets.look(spec).classNames().size(), 0);
    return new Fingerprint("absent train " + spec, "absent test " + spec, none, none);
  }

  @Override
  public NetworkInputs network(ModelConfig model, String spec) {
    boolean weights = isWithoutItsWeights(model);
    if (!weights && !isAbsent(spec)) {
      return present.network(model, spec);
    }
    Datasets.Look look = look(spec);
    DataShape shape = new DataShape(look.imageShape(), look.classNames().size());
    ModelConfig bare =
        weights
            ? new ModelConfig(model.name(), Optional.empty(), model.classes(), model.resolution())
            : model;
    ModelGraph graph = ModelLoader.structure(bare, Optional.of(shape));
    boolean given = model.weights().isPresent() || !Zoo.contains(model.name());
    return new NetworkInputs(
        graph,
        Sha256.of(GraphJson.encode(graph)),
        given ? Optional.of("absent or unread weights of " + model) : Optional.empty(),
        Counts.of(graph).macs(),
        IntStream.range(0, Heads.outputs(graph)).boxed().toList());
  }

  private boolean isWithoutItsWeights(ModelConfig model) {
    boolean file =
        model.weights().isPresent() && !model.weights().get().equals(ModelLoader.PROCEDURAL);
    boolean absent =
        file
            && Zoo.contains(model.name())
            && !Files.exists(WorkingFolder.path(model.weights().get()));
    if (absent) {
      missing.add("weights " + model.weights().get());
    }
    return absent;
  }
}
