package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.Target;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.criterion.Refusal;
import io.prunegrid.job.sweep.Axes.Entry;
import io.prunegrid.job.sweep.Block.Found;
import io.prunegrid.pipeline.MethodConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Reads the methods of a grid: a criterion, its parameters, and what it overrides of the grid. */
final class MethodReader {
  private static final String ALLOWED = "a list of names, or of { name, parameters }";

  private final Vocabulary vocabulary;
  private final Problems problems;

  MethodReader(Vocabulary vocabulary, Problems problems) {
    this.vocabulary = vocabulary;
    this.problems = problems;
  }

  /** The grid's methods, each within the grid, or within a model's entry in it. */
  List<Entry<GridMethod>> methods(Block grid) {
    Optional<Found> axis = grid.lookup(SweepKeys.METHODS);
    if (axis.isEmpty()) {
      grid.missing(SweepKeys.METHODS, ALLOWED);
      return List.of();
    }
    if (!(axis.get().value() instanceof ConfigList list)) {
      grid.unfit(axis.get(), ALLOWED);
      return List.of();
    }
    if (list.isEmpty()) {
      problems.add(axis.get().origin(), axis.get().path(), " is empty; allowed: " + ALLOWED);
    }
    Axes axes = new Axes(problems);
    List<Entry<GridMethod>> methods = new ArrayList<>();
    Map<List<Object>, Found> seen = new LinkedHashMap<>();
    for (int i = 0; i < list.size(); i++) {
      Found found = axis.get().at(i);
      Optional<GridMethod> method = method(grid, found);
      if (method.isPresent()) {
        List<Object> identity = List.of(method.get().method(), method.get().selection());
        axes.refuseDuplicate(found, seen.putIfAbsent(identity, found));
        methods.add(new Entry<>(method.get(), Optional.of(found)));
      }
    }
    return methods;
  }

  /** The entries of the grid's methods that are given in braces, each within the grid. */
  List<Block> entries(Block grid) {
    Optional<Found> axis = grid.lookup(SweepKeys.METHODS);
    if (axis.isEmpty() || !(axis.get().value() instanceof ConfigList list)) {
      return List.of();
    }
    return IntStream.range(0, list.size())
        .mapToObj(axis.get()::at)
        .filter(found -> found.value() instanceof ConfigObject)
        .map(found -> grid.entry(found).within(grid))
        .toList();
  }

  private Optional<GridMethod> method(Block grid, Found found) {
    Optional<Block> entry = entry(grid, found);
    if (entry.isEmpty()) {
      grid.unfit(found, "a name or { name, parameters }");
      return Optional.empty();
    }
    Optional<Found> name = entry.get().own(AxisKeys.METHOD_NAME.name());
    if (name.isEmpty()) {
      entry.get().missing(AxisKeys.METHOD_NAME.name(), AxisKeys.METHOD_NAME.kind().allowed());
      return Optional.empty();
    }
    Optional<String> criterion = entry.get().read(name.get(), AxisKeys.METHOD_NAME.kind());
    if (criterion.isEmpty()) {
      return Optional.empty();
    }
    if (!vocabulary.criteria().contains(criterion.get())) {
      problems.add(
          name.get().origin(),
          found.path(),
          ": " + Names.unknown("method", criterion.get(), vocabulary.criteria()));
      return Optional.empty();
    }
    String label =
        entry.get().own(AxisKeys.LABEL.name()).isPresent()
            ? entry.get().find(AxisKeys.LABEL).orElse(criterion.get())
            : criterion.get();
    return read(entry.get().within(grid), label, criterion.get());
  }

  private static Optional<Block> entry(Block grid, Found found) {
    if (found.value() instanceof ConfigObject) {
      return Optional.of(grid.entry(found));
    }
    return Kind.text(found.value())
        .map(
            name -> {
              ConfigValue value = ConfigValueFactory.fromAnyRef(name).withOrigin(found.origin());
              ConfigObject object =
                  ConfigValueFactory.fromMap(Map.of())
                      .withOrigin(found.origin())
                      .withValue(AxisKeys.METHOD_NAME.name(), value);
              return grid.entry(new Found(object, found.path()));
            });
  }

  /** The method; nothing where its parameters are not known, for whatever they decide is not. */
  private Optional<GridMethod> read(Block method, String label, String criterion) {
    List<String> names = vocabulary.parameters(criterion);
    method.refuseUnknown(AxisKeys.methodNames(names));
    SelectionConfig selection = selection(method);
    refuseContradictions(method);
    Optional<SortedMap<String, String>> parameters = parameters(method, criterion, names);
    MethodConfig scored = scored(method, criterion, parameters.orElseGet(TreeMap::new));
    return parameters.map(known -> new GridMethod(label, scored, selection));
  }

  /** Every parameter, where all that are given are allowed. */
  private Optional<SortedMap<String, String>> parameters(
      Block method, String criterion, List<String> names) {
    Map<String, Found> written = new LinkedHashMap<>();
    SortedMap<String, String> given = new TreeMap<>();
    for (String name : names) {
      method.own(name).ifPresent(found -> written.put(name, found));
    }
    written.forEach(
        (name, found) ->
            Kind.text(found.value())
                .ifPresentOrElse(
                    value -> given.put(name, value),
                    () -> method.unfit(found, "a value of the parameter '" + name + "'")));
    List<String> unread =
        written.keySet().stream().filter(name -> !given.containsKey(name)).toList();
    List<Refusal> refusals = vocabulary.refusals(criterion, given);
    for (Refusal refusal : refusals) {
      if (Collections.disjoint(refusal.parameters(), unread)) {
        problems.add(
            origin(method, written, refusal.parameters()), method.path(), ": " + refusal.problem());
      }
    }
    if (!refusals.isEmpty() || !unread.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(vocabulary.canonical(criterion, given));
    } catch (BadInput e) {
      problems.add(origin(method, written, names), method.path(), e);
      return Optional.empty();
    }
  }

  /** Where the first of these parameters that is given stands. */
  private static ConfigOrigin origin(
      Block method, Map<String, Found> written, List<String> parameters) {
    return parameters.stream()
        .filter(written::containsKey)
        .findFirst()
        .map(name -> written.get(name).origin())
        .orElse(method.origin());
  }

  /**
   * A block that limits the samples one way drops the limit that a block around it sets the other
   * way; criteria that read no images have no limit, so that they are the same under any.
   */
  private MethodConfig scored(
      Block method, String criterion, SortedMap<String, String> parameters) {
    int samples = 0;
    int perClass = 0;
    for (Block block = method; block != null; block = block.around().orElse(null)) {
      Optional<Found> first = block.own(SweepKeys.SAMPLES.name());
      Optional<Found> each = block.own(SweepKeys.SAMPLES_PER_CLASS.name());
      if (first.isPresent() || each.isPresent()) {
        samples = first.flatMap(f -> method.read(f, SweepKeys.SAMPLES.kind())).orElse(0);
        perClass = each.flatMap(f -> method.read(f, SweepKeys.SAMPLES_PER_CLASS.kind())).orElse(0);
        break;
      }
    }
    boolean limited = vocabulary.readsImages(criterion);
    return new MethodConfig(criterion, parameters, limited ? samples : 0, limited ? perClass : 0);
  }

  /**
   * How scores become a selection, as far as the keys are allowed. What does not go together is
   * told by {@link #refuseContradictions}.
   */
  static SelectionConfig selection(Block block) {
    return new SelectionConfig(
        block.read(SweepKeys.SCOPE),
        block.read(SweepKeys.ROUNDING),
        block.read(SweepKeys.ON_EMPTY),
        block.read(SweepKeys.MIN_CHANNELS),
        block.read(SweepKeys.ROUND_TO),
        block.read(SweepKeys.IGNORE),
        block.read(SweepKeys.PROTECT),
        block.read(SweepKeys.TIES),
        block.read(SweepKeys.APPLY),
        limits(block));
  }

  private static Limits limits(Block block) {
    Target target = block.read(SweepKeys.TARGET);
    int steps = block.read(SweepKeys.STEPS);
    return new Limits(
        block.read(SweepKeys.LAYER_RATIOS),
        block.read(SweepKeys.LAYER_CAPS),
        block.read(SweepKeys.SKIP_FIRST),
        block.read(SweepKeys.LAYERS),
        block.read(SweepKeys.ZERO_PARTS).stream()
            .map(part -> Limits.ZeroPart.valueOf(part.toUpperCase(Locale.ROOT)))
            .toList(),
        target,
        Limits.contradiction(target, steps).isEmpty() ? steps : 1,
        block.read(SweepKeys.BETWEEN),
        block.read(SweepKeys.LAYER),
        block.read(SweepKeys.ATTENTION));
  }

  /** Notes keys of a selection that do not go together, at the one that is nearest to the block. */
  static void refuseContradictions(Block block) {
    Limits.contradiction(block.read(SweepKeys.TARGET), block.read(SweepKeys.STEPS))
        .ifPresent(
            why -> {
              Found found =
                  block
                      .nearest(List.of(SweepKeys.STEPS.name(), SweepKeys.TARGET.name()))
                      .orElseThrow();
              block.problems().add(found.origin(), found.path(), ": " + why);
            });
  }
}
