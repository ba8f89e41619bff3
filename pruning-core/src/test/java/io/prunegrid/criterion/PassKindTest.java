package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.criterion.PassKind.Computed;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Shape;
import io.prunegrid.runtime.Reading;
import io.prunegrid.runtime.Tap;
import io.prunegrid.runtime.WeightReading;
import io.prunegrid.testing.SyntheticDataset;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a criterion says of its pass is what its collector asks the pass for. */
class PassKindTest {
  /** Every criterion of images with its defaults, and with every other choice one at a time. */
  static Stream<Map.Entry<String, Map<String, String>>> configured() {
    return Criteria.all().stream()
        .filter(ScoringPass::joins)
        .flatMap(
            criterion ->
                Stream.concat(
                    Stream.of(Map.entry(criterion.name(), Map.<String, String>of())),
                    criterion.parameters().stream()
                        .flatMap(PassKindTest::values)
                        .map(value -> Map.entry(criterion.name(), value))));
  }

  private static Stream<Map<String, String>> values(Parameter parameter) {
    if (parameter instanceof Parameter.Choice choice) {
      return choice.values().stream().map(value -> Map.of(choice.name(), value));
    } else if (parameter instanceof Parameter.NumberedChoice choice) {
      return Stream.of(Map.of(choice.name(), choice.word() + (choice.below() > 5 ? " 5" : " 0.5")));
    }
    return Stream.of();
  }

  @ParameterizedTest
  @MethodSource("configured")
  void aCriterionNamesThePassThatItsCollectorNeeds(Map.Entry<String, Map<String, String>> given) {
    Criterion criterion = Criteria.named(given.getKey());
    Model model = Tiny.model();
    ScoringInput input =
        new ScoringInput(
            model,
            CoupledChannels.of(model.graph()),
            criterion.resolve(given.getValue()),
            Optional.of(Samples.all(new SyntheticDataset(Shape.of(2, 4, 4), 9, 3, 5))),
            Optional.empty(),
            7);
    ImageCriterion own = (ImageCriterion) criterion;
    Collector collector = own.collector(input);

    Optional<PassKind> kind = criterion.pass(input.parameters());

    if (kind.isEmpty()) {
      assertThat(own.shown(input)).isNotEqualTo(input.samples());
      return;
    }
    assertThat(own.shown(input)).isEqualTo(input.samples());
    assertThat(kind.get().computed()).isEqualTo(computed(collector));
    String rules =
        collector.taps().stream()
            .map(Tap::reading)
            .filter(Reading.Relevance.class::isInstance)
            .map(reading -> ((Reading.Relevance) reading).rules().toString())
            .distinct()
            .collect(Collectors.joining());
    String limit = collector.limit() == Integer.MAX_VALUE ? "" : "first " + collector.limit();
    assertThat(kind.get().detail()).isEqualTo(rules + limit);
  }

  private static Computed computed(Collector collector) {
    if (collector.weights().contains(WeightReading.SQUARED_GRADIENT)) {
      return Computed.SQUARED_GRADIENTS;
    }
    boolean gradients =
        !collector.weights().isEmpty()
            || collector.taps().stream().anyMatch(tap -> tap.reading().needsGradients());
    if (gradients) {
      return Computed.GRADIENTS;
    }
    boolean relevance =
        collector.taps().stream().allMatch(tap -> tap.reading() instanceof Reading.Relevance);
    return relevance ? Computed.RELEVANCE : Computed.FORWARD;
  }
}
