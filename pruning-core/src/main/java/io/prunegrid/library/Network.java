package io.prunegrid.library;

import io.prunegrid.channel.Counts;
import io.prunegrid.common.BadInput;
import io.prunegrid.format.ModelCard;
import io.prunegrid.format.ModelFolder;
import io.prunegrid.graph.Model;
import io.prunegrid.pipeline.LoadedModel;
import io.prunegrid.pipeline.ModelConfig;
import io.prunegrid.pipeline.ModelExport;
import io.prunegrid.pipeline.ModelExport.Format;
import io.prunegrid.pipeline.ModelExport.Verification;
import io.prunegrid.pipeline.ModelLoader;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A network with its weights. Immutable.
 *
 * <pre>{@code
 * Network network = Network.load("resnet18.onnx");
 * network.pruning("group-magnitude").at(0.5).save(Path.of("smaller"));
 * }</pre>
 */
public final class Network {
  private final LoadedModel loaded;
  private final SortedMap<String, String> made;

  private Network(LoadedModel loaded, SortedMap<String, String> made) {
    this.loaded = loaded;
    this.made = made;
  }

  /**
   * Loads a model folder or an ONNX file.
   *
   * @throws BadInput where it is neither, damaged, or has what cannot be read, by name
   */
  public static Network load(String folderOrFile) {
    return load(folderOrFile, Optional.empty());
  }

  /**
   * Builds a network of the zoo in its published size and loads its weights.
   *
   * @param name for instance {@code resnet18}
   * @param weights a torch checkpoint or a safetensors file
   * @throws BadInput for an unknown name, and where the file is no such network's
   */
  public static Network load(String name, Path weights) {
    return load(name, Optional.of(weights.toString()));
  }

  private static Network load(String name, Optional<String> weights) {
    ModelConfig config = new ModelConfig(name, weights, OptionalInt.empty(), OptionalInt.empty());
    return new Network(ModelLoader.load(config, Optional.empty()), new TreeMap<>());
  }

  /** Structure and weights. */
  public Model model() {
    return loaded.model();
  }

  /** Parameters and multiply-accumulates, in all and by layer. */
  public Counts counts() {
    return Counts.of(model().graph());
  }

  /**
   * Begins to prune.
   *
   * @param method name of a criterion that ranks channels, for instance {@code group-magnitude}
   * @throws BadInput for an unknown name, and for methods that mask single weights
   */
  public Pruning pruning(String method) {
    return new Pruning(this, Objects.requireNonNull(method, "the name of a method is missing"));
  }

  /**
   * Saves the network as a model folder, which {@link #load(String)} and every command take.
   *
   * @throws BadInput where the folder exists or cannot be written
   */
  public void save(Path folder) {
    ModelFolder.write(
        folder,
        model(),
        new ModelCard(loaded.network(), loaded.headClasses(), loaded.data(), made));
  }

  /**
   * Writes the network as an ONNX file with a dynamic batch. Before the file gets its name, ONNX
   * Runtime runs it with generated images beside the network.
   *
   * @throws BadInput where the file exists or cannot be written, where the network cannot be said
   *     in ONNX, and where it computes what is not finite
   * @throws IllegalStateException where ONNX Runtime refuses the file or computes something else;
   *     nothing is written then
   */
  public void exportOnnx(Path file) {
    exportOnnx(file, Verification.RUN);
  }

  /**
   * Writes the network as an ONNX file with a dynamic batch.
   *
   * @param verification whether ONNX Runtime runs the file beside the network, as {@link
   *     #exportOnnx(Path)} has it do
   * @throws BadInput as {@link #exportOnnx(Path)} does, except that what is not verified may be not
   *     finite
   */
  public void exportOnnx(Path file, Verification verification) {
    if (Files.exists(file)) {
      throw new BadInput(file + " exists; it is left as it is");
    }
    ModelExport.write(
        file, Format.ONNX, model(), verification, () -> Engine.open(ComputeDevice.CPU));
  }

  LoadedModel loaded() {
    return loaded;
  }

  /** The network after pruning. */
  Network pruned(Model smaller, Map<String, String> how) {
    return new Network(
        new LoadedModel(
            smaller,
            loaded.network(),
            loaded.headClasses(),
            loaded.data(),
            smaller.weights().contentHash()),
        new TreeMap<>(how));
  }
}
