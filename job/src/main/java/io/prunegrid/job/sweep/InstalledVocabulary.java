package io.prunegrid.job.sweep;

import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Need;
import io.prunegrid.criterion.Parameter;
import io.prunegrid.criterion.Refusal;
import io.prunegrid.data.Datasets;
import io.prunegrid.graph.Convolution;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.pipeline.CellInputs;
import io.prunegrid.pipeline.GlobCheck;
import io.prunegrid.pipeline.MethodConfig;
import io.prunegrid.pipeline.ModelConfig;
import io.prunegrid.pipeline.ModelLoader;
import io.prunegrid.pipeline.NetworkInputs;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The data on this machine's disks, the zoo, and all criteria. Data that are not known yet are read
 * and weights loaded once, so that nothing of them is found broken after hours.
 */
final class InstalledVocabulary implements Vocabulary {
  private final CellInputs inputs;

  InstalledVocabulary(CellInputs inputs) {
    this.inputs = inputs;
  }

  @Override
  public DataFacts data(String spec) {
    Datasets.Look look = inputs.look(spec);
    inputs.content(spec);
    return new DataFacts(look.classNames(), look.imageShape());
  }

  @Override
  public Optional<DataFacts> dataAsPublished(String spec) {
    try {
      if (!Datasets.isAbsent(spec)) {
        return Optional.empty();
      }
      Datasets.Look look = Datasets.look(spec);
      return Optional.of(new DataFacts(look.classNames(), look.imageShape()));
    } catch (BadInput e) {
      // it is told already that no data have such a name
      return Optional.empty();
    }
  }

  @Override
  public Optional<NetworkFacts> networkAsPublished(
      ModelConfig model, Optional<String> spec, Optional<DataFacts> data) {
    if (data.isEmpty()) {
      return Optional.empty();
    }
    try {
      NetworkInputs network = new AbsentInputs(inputs).network(model, spec.orElseThrow());
      return Optional.of(new Facts(model.name(), network));
    } catch (BadInput e) {
      // it is not absent but broken, which is told already
      return Optional.empty();
    }
  }

  @Override
  public Optional<NetworkFacts> network(
      ModelConfig model, Optional<String> spec, Optional<DataFacts> data) {
    boolean mayBeAbsent = inputs instanceof AbsentInputs;
    if (data.isPresent() && (mayBeAbsent || !Datasets.isAbsent(spec.orElseThrow()))) {
      NetworkInputs network = inputs.network(model, spec.orElseThrow());
      return Optional.of(new Facts(model.name(), network));
    }
    if (!ModelLoader.isTrainedFromScratch(model)) {
      ModelLoader.load(model, Optional.empty());
    }
    return networkAsPublished(model, spec, data);
  }

  @Override
  public boolean isTrainedFromScratch(ModelConfig model) {
    return ModelLoader.isTrainedFromScratch(model);
  }

  @Override
  public List<String> criteria() {
    return Criteria.names();
  }

  @Override
  public List<String> parameters(String criterion) {
    return Criteria.named(criterion).parameters().stream().map(Parameter::name).toList();
  }

  @Override
  public List<Refusal> refusals(String criterion, SortedMap<String, String> given) {
    return Criteria.named(criterion).refusals(given);
  }

  @Override
  public SortedMap<String, String> canonical(String criterion, SortedMap<String, String> given) {
    return Criteria.named(criterion).resolve(given);
  }

  @Override
  public boolean readsImages(String criterion) {
    return Criteria.named(criterion).needs().contains(Need.SAMPLES);
  }

  @Override
  public SortedMap<String, List<String>> layerGlobs(MethodConfig method) {
    return GlobCheck.globs(method);
  }

  @Override
  public boolean actsInRetraining(MethodConfig method) {
    return Criteria.named(method.name()).backwardChance(method.parameters()).isPresent();
  }

  @Override
  public boolean onlyCounts() {
    return inputs instanceof AbsentInputs;
  }

  private static final class Facts implements NetworkFacts {
    private final NetworkInputs network;
    private final Prunability prunability;

    Facts(String name, NetworkInputs network) {
      this.network = network;
      this.prunability = new Prunability(name, network.graph());
    }

    @Override
    public Collection<String> layers() {
      return network.graph().nodes().stream()
          .filter(Node::ownsWeights)
          .map(Node::module)
          .distinct()
          .toList();
    }

    @Override
    public List<String> scoredLayers() {
      return network.graph().layers().stream()
          .filter(layer -> layer.op() instanceof Convolution || layer.op() instanceof Op.Linear)
          .map(Node::module)
          .toList();
    }

    @Override
    public Optional<String> unprunable(MethodConfig method, SelectionConfig selection) {
      return prunability.problem(method, selection);
    }

    @Override
    public Optional<String> unusable(List<Integer> classes) {
      List<Integer> absent = new ArrayList<>(classes);
      absent.removeAll(network.headClasses());
      return absent.isEmpty()
          ? Optional.empty()
          : Optional.of(
              "the network's head has no output for the classes "
                  + absent
                  + "; it has those of "
                  + network.headClasses());
    }
  }
}
