package io.prunegrid.job.sweep;

import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Need;
import io.prunegrid.criterion.Parameter;
import io.prunegrid.data.DataSource;
import io.prunegrid.data.Datasets;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.pipeline.DataShape;
import io.prunegrid.pipeline.LoadedModel;
import io.prunegrid.pipeline.ModelConfig;
import io.prunegrid.pipeline.ModelLoader;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The data on this machine's disks, the zoo, and all criteria. Data are read and weights loaded
 * once, so that nothing of them is found broken after hours.
 */
final class InstalledVocabulary implements Vocabulary {
  @Override
  public DataFacts data(String spec) {
    DataSource source = Datasets.open(spec);
    source.train();
    source.test();
    return new DataFacts(source.classNames(), source.imageShape());
  }

  @Override
  public Collection<String> network(ModelConfig model, Optional<DataFacts> data) {
    Optional<DataShape> shape =
        data.map(facts -> new DataShape(facts.imageShape(), facts.classNames().size()));
    ModelGraph graph;
    if (!ModelLoader.isTrainedFromScratch(model)) {
      LoadedModel loaded = ModelLoader.load(model, shape);
      shape.ifPresent(images -> loaded.requireImages(images.image()));
      graph = loaded.model().graph();
    } else if (shape.isPresent()) {
      graph = ModelLoader.untrained(model, shape.get());
    } else {
      return List.of();
    }
    return graph.nodes().stream().filter(Node::ownsWeights).map(Node::module).distinct().toList();
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
  public SortedMap<String, String> canonical(String criterion, SortedMap<String, String> given) {
    return Criteria.named(criterion).resolve(given);
  }

  @Override
  public boolean readsImages(String criterion) {
    return Criteria.named(criterion).needs().contains(Need.SAMPLES);
  }
}
