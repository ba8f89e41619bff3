package io.prunegrid.testing;

import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.pipeline.MethodConfig;
import java.util.HashMap;
import java.util.Map;

/** Torch-Pruning's importances in this project's words. */
public final class RecordedMethods {
  private static final Map<String, String> METHODS =
      Map.ofEntries(
          Map.entry("mag_p1", "group-magnitude p=1"),
          Map.entry("mag_p2", "group-magnitude p=2"),
          Map.entry("bnscale", "bn-scale"),
          Map.entry("lamp", "lamp"),
          Map.entry("fpgm", "fpgm power=2"),
          Map.entry("taylor", "group-taylor batch-norm=left-out"),
          Map.entry("taylor_multivariable", "group-taylor sum=signed batch-norm=left-out"),
          Map.entry(
              "taylor_bias_none", "group-taylor bias=count normalizer=none batch-norm=left-out"),
          Map.entry("hessian_mean_fixed", "group-hessian"),
          Map.entry("hessian_reference", "group-hessian images=last"),
          Map.entry("gmag_p1_first_none", "group-magnitude p=1 reduction=first normalizer=none"),
          Map.entry("gmag_p2", "group-magnitude p=2"),
          Map.entry("gmag_p2_sum_none", "group-magnitude p=2 reduction=sum normalizer=none"),
          Map.entry("gmag_p2_max_max", "group-magnitude p=2 reduction=max normalizer=max"),
          Map.entry("gmag_p2_prod_sum", "group-magnitude p=2 reduction=prod normalizer=sum"),
          Map.entry(
              "gmag_p2_gate_standarization",
              "group-magnitude p=2 reduction=last normalizer=standardization"),
          Map.entry(
              "gmag_p1_mean_gaussian_bias", "group-magnitude p=1 normalizer=gaussian bias=count"),
          Map.entry("gmag_p2_mean_sentinel05", "group-magnitude p=2 normalizer=sentinel_0.5"));

  private RecordedMethods() {}

  /** A method by the name of its importance in the records. */
  public static MethodConfig of(String importance) {
    String[] words = METHODS.get(importance).split(" ", -1);
    Criterion criterion = Criteria.named(words[0]);
    Map<String, String> given = new HashMap<>();
    for (int i = 1; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      given.put(words[i].substring(0, equals), words[i].substring(equals + 1).replace('_', ' '));
    }
    return new MethodConfig(words[0], criterion.resolve(given), 0, 0);
  }
}
