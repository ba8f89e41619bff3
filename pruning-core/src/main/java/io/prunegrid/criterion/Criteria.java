package io.prunegrid.criterion;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.stream.Stream;

/** Every criterion there is, by name: PruneGrid's own and those of jars on the class path. */
public final class Criteria {
  private static final List<Criterion> OWN =
      Stream.<Criterion>of(
              new Activation(),
              new Apoz(),
              new BatchNormScale(),
              BlockNorms.block(),
              BlockNorms.kernel(),
              new External(),
              new Fpgm(),
              new GradientOnly(),
              GradientOfWeights.gradient(),
              GradientOfWeights.taylor(),
              new GroupHessian(),
              new GroupMagnitude(),
              new GroupTaylor(),
              new Lamp(),
              new Ln(),
              new Lrp(),
              new Magnitude(),
              new MolchanovTaylor(),
              new Ocap(),
              new Pattern(),
              new RandomScores(),
              new Sensitivity(),
              new Taylor(),
              new Threshold(),
              new Tvs(),
              new UnstructuredActivation(),
              new UnstructuredRandom())
          .sorted(Comparator.comparing(Criterion::name))
          .toList();

  private Criteria() {}

  private static volatile List<Criterion> all;

  /**
   * All criteria, in alphabetical order.
   *
   * @throws BadInput where two have one name
   */
  public static List<Criterion> all() {
    List<Criterion> known = all;
    if (known == null) {
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      known = with(loader == null ? Criteria.class.getClassLoader() : loader);
      all = known;
    }
    return known;
  }

  /** PruneGrid's own criteria and those that a class loader finds. */
  static List<Criterion> with(ClassLoader loader) {
    return joined(OWN, found(loader));
  }

  static List<Criterion> found(ClassLoader loader) {
    return ServiceLoader.load(Criterion.class, loader).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }

  static List<Criterion> joined(List<Criterion> known, List<Criterion> more) {
    List<Criterion> joined = new ArrayList<>(known);
    for (Criterion each : more) {
      if (joined.stream().anyMatch(other -> other.name().equals(each.name()))) {
        throw new BadInput(
            "the plugin "
                + each.getClass().getName()
                + " names a method '"
                + each.name()
                + "', but there is one already");
      }
      joined.add(each);
    }
    joined.sort(Comparator.comparing(Criterion::name));
    return List.copyOf(joined);
  }

  /** Names of all criteria, in alphabetical order. */
  public static List<String> names() {
    return all().stream().map(Criterion::name).toList();
  }

  /**
   * A method as people tell it from others, see {@link Criterion#label}; of a name that is not
   * known, with all parameters.
   */
  public static String label(String name, SortedMap<String, String> parameters) {
    if (names().contains(name)) {
      return named(name).label(parameters);
    }
    StringBuilder label = new StringBuilder(name);
    parameters.forEach((key, value) -> label.append(' ').append(key).append('=').append(value));
    return label.toString();
  }

  /**
   * The criterion of this name.
   *
   * @throws BadInput with the nearest name, where there is none
   */
  public static Criterion named(String name) {
    return all().stream()
        .filter(criterion -> criterion.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new BadInput(Names.unknown("method", name, names())));
  }
}
