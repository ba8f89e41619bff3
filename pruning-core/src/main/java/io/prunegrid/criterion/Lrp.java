package io.prunegrid.criterion;

import io.prunegrid.criterion.Parameter.Choice;
import io.prunegrid.criterion.Parameter.Decimal;
import io.prunegrid.criterion.Parameter.Numbers;
import io.prunegrid.criterion.TapMeans.Over;
import io.prunegrid.criterion.TapMeans.Sizes;
import io.prunegrid.runtime.Reading;
import io.prunegrid.runtime.Reading.Amount;
import io.prunegrid.runtime.RelevanceRules;
import io.prunegrid.runtime.RelevanceRules.Rule;
import io.prunegrid.runtime.RelevanceRules.Start;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How much of the decision for an image's own label went through a channel: the relevance that
 * layer-wise relevance propagation sends to a layer's output (Bach et al. 2015), its size summed
 * over positions, mean over the images (Yeom et al. 2021, Pruning by Explaining). Batch norm is
 * folded into the convolution before it. In global scope each layer's scores are divided by their
 * sum, so that wide layers go first.
 */
final class Lrp extends LayerCriterion implements ImageCriterion {
  Lrp() {
    super(
        "lrp",
        2,
        "relevance of each channel for the images' own labels, on the images of the subset",
        Need.SAMPLES,
        Need.LABELS,
        Need.ENGINE,
        Need.TAPS);
    List<String> rules = List.of("z-plus", "epsilon", "alpha-beta");
    takes(
        new Choice("rule", "z-plus", rules, "how convolutions share relevance among their inputs"),
        new Choice("linear-rule", "epsilon", rules, "how linear layers do"),
        new Decimal(
            "epsilon",
            "0.000001",
            1e-30,
            Double.POSITIVE_INFINITY,
            Numbers.ALL,
            "what the epsilon rule adds to each sum"),
        new Decimal(
            "alpha",
            "2",
            1,
            Double.POSITIVE_INFINITY,
            Numbers.ALL,
            "weight of what speaks for an output in the alpha-beta rule; beta is alpha - 1"),
        new Choice(
            "start",
            "one",
            List.of("one", "logit"),
            "relevance that the label's output begins with: 1, or its logit"),
        new Choice(
            "amount",
            "absolute",
            List.of("absolute", "signed"),
            "relevance is summed by its size, or with its sign"));
    reducesNormalizedInGlobalScope("sum");
    takesImages();
  }

  /** Other rules are another propagation. */
  @Override
  public Optional<PassKind> pass(Map<String, String> parameters) {
    return Optional.of(new PassKind(PassKind.Computed.RELEVANCE, rules(parameters).toString()));
  }

  @Override
  public Collector collector(ScoringInput input) {
    RelevanceRules rules = rules(input.parameters());
    Amount amount = input.parameter("amount").equals("signed") ? Amount.SIGNED : Amount.ABSOLUTE;
    return new TapMeans(
        name(),
        input,
        TapPoint.LAYER,
        new Reading.Relevance(rules, amount),
        Sizes.AS_READ,
        Over.SUM);
  }

  private static RelevanceRules rules(Map<String, String> parameters) {
    return new RelevanceRules(
        rule(parameters, "rule"),
        rule(parameters, "linear-rule"),
        Optional.empty(),
        parameters.get("start").equals("logit") ? Start.LOGIT : Start.ONE);
  }

  private static Rule rule(Map<String, String> parameters, String name) {
    return switch (parameters.get(name)) {
      case "epsilon" -> new RelevanceRules.Epsilon(Double.parseDouble(parameters.get("epsilon")));
      case "alpha-beta" ->
          new RelevanceRules.AlphaBeta(Double.parseDouble(parameters.get("alpha")));
      default -> new RelevanceRules.ZPlus(1e-12);
    };
  }
}
