package io.prunegrid.job.sweep;

import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.criterion.Refusal;
import io.prunegrid.graph.Shape;
import io.prunegrid.pipeline.MethodConfig;
import io.prunegrid.pipeline.ModelConfig;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Ten classes, two networks and four criteria, so that messages can be tested word for word. */
final class FakeVocabulary implements Vocabulary {
  private static final Map<String, Map<String, String>> CRITERIA =
      new TreeMap<>(
          Map.of(
              "ln", Map.of("p", "1"),
              "random", Map.of(),
              "taylor", Map.of(),
              "magnitude", Map.of()));

  @Override
  public DataFacts data(String spec) {
    if (!spec.equals("fashion")) {
      throw new BadInput("data '" + spec + "': the folder does not exist");
    }
    return new DataFacts(
        List.of("shirt", "trouser", "coat", "dress", "bag", "boot", "hat", "sock", "ship", "tie"),
        Shape.of(1, 14, 14));
  }

  @Override
  public Optional<NetworkFacts> network(
      ModelConfig model, Optional<String> spec, Optional<DataFacts> data) {
    if (!List.of("resnet20", "small-cnn").contains(model.name())) {
      throw new BadInput(
          Names.unknown("model", model.name(), List.of("resnet20", "small-cnn"))
              + ", or a model folder");
    }
    if (model.weights().isPresent() && !model.weights().get().equals("procedural")) {
      throw new BadInput("weights file " + model.weights().get() + " does not exist");
    }
    return Optional.of(
        new NetworkFacts() {
          @Override
          public Collection<String> layers() {
            return List.of("conv1", "bn1", "layer1.0.conv1", "layer1.0.conv2", "linear");
          }

          @Override
          public List<String> scoredLayers() {
            return model.name().equals("small-cnn")
                ? List.of("conv1", "linear")
                : List.of("conv1", "layer1.0.conv1", "layer1.0.conv2", "linear");
          }

          @Override
          public Optional<String> unprunable(MethodConfig method, SelectionConfig selection) {
            return selection.ignore().contains("*") || selection.limits().layer().equals("linear")
                ? Optional.of("no channel of " + model.name() + " can go")
                : Optional.empty();
          }

          @Override
          public Optional<String> unusable(List<Integer> classes) {
            return classes.contains(5) && model.name().equals("small-cnn")
                ? Optional.of("the network's head has no class 5")
                : Optional.empty();
          }
        });
  }

  @Override
  public boolean isTrainedFromScratch(ModelConfig model) {
    return model.weights().isEmpty();
  }

  @Override
  public List<String> criteria() {
    return List.copyOf(CRITERIA.keySet());
  }

  @Override
  public List<String> parameters(String criterion) {
    return List.copyOf(CRITERIA.get(criterion).keySet());
  }

  @Override
  public List<Refusal> refusals(String criterion, SortedMap<String, String> given) {
    return given.entrySet().stream()
        .filter(entry -> !List.of("1", "2", "inf").contains(entry.getValue()))
        .map(
            entry ->
                new Refusal(
                    List.of(entry.getKey()),
                    criterion
                        + " "
                        + entry.getKey()
                        + " is "
                        + entry.getValue()
                        + "; allowed: 1, 2, inf"))
        .toList();
  }

  @Override
  public SortedMap<String, String> canonical(String criterion, SortedMap<String, String> given) {
    SortedMap<String, String> all = new TreeMap<>(CRITERIA.get(criterion));
    all.putAll(given);
    return all;
  }

  @Override
  public SortedMap<String, List<String>> layerGlobs(MethodConfig method) {
    return new TreeMap<>();
  }

  @Override
  public boolean actsInRetraining(MethodConfig method) {
    return false;
  }

  @Override
  public boolean readsImages(String criterion) {
    return criterion.equals("taylor");
  }
}
