package io.prunegrid.pipeline;

import java.io.Serializable;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A criterion with its parameters.
 *
 * @param name the criterion's registered name, for instance {@code taylor}
 * @param parameters every parameter of the criterion, defaults filled in, spelled canonically
 *     ({@code 2}, {@code inf})
 * @param samples score on the first so many images of the subset in file order; 0 for all
 * @param samplesPerClass score on the first so many images of each class; 0 for no such limit
 */
public record MethodConfig(
    String name, SortedMap<String, String> parameters, int samples, int samplesPerClass)
    implements Serializable {
  public MethodConfig {
    parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
  }
}
