package io.prunegrid.job.sweep;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.job.sweep.Axes.Entry;
import io.prunegrid.job.sweep.Axes.ModelEntry;
import io.prunegrid.pipeline.Head;
import io.prunegrid.pipeline.ModelConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One cell that is given on the command line in place of a sweep file. The options are read as the
 * keys of a sweep, so that all checks and messages are the same.
 */
public final class SingleCell {
  private static final String COMMAND_LINE = "the command line";
  private static final String MODEL = "model";
  private static final String METHOD = "method";

  /** Options that are keys of the model's entry. */
  private static final Map<String, Key<?>> MODEL_KEYS =
      Map.of(
          MODEL,
          AxisKeys.ENTRY_NAME,
          "weights",
          AxisKeys.WEIGHTS,
          "num-classes",
          AxisKeys.CLASSES,
          "resolution",
          AxisKeys.RESOLUTION);

  /** Options that are the only entry of an axis. */
  private static final Map<String, String> AXES =
      Map.of("ratio", SweepKeys.RATIOS, "seed", SweepKeys.SEEDS, "subset", SweepKeys.SUBSETS);

  private final Map<String, String> options;
  private final List<String> overrides;
  private final Presets presets;
  private final Vocabulary vocabulary;

  /**
   * Takes what a command line gives.
   *
   * @param options by name without dashes: {@code model}, {@code weights}, {@code num-classes},
   *     {@code resolution}, {@code method}, {@code ratio}, {@code seed}, {@code subset}, and keys
   *     of a sweep that hold one value, such as {@code data}, {@code samples}, {@code scope} or
   *     {@code results}
   * @param overrides {@code key=value} each: a parameter of the method, or a key of a sweep; the
   *     key where both have the name, unless {@code method.} stands before it
   */
  public SingleCell(Map<String, String> options, List<String> overrides) {
    this(options, overrides, SweepContext.ofUser());
  }

  /** The same with presets and inputs of the caller's. */
  public SingleCell(Map<String, String> options, List<String> overrides, SweepContext context) {
    this(options, overrides, context.presets(), new InstalledVocabulary(context.inputs()));
  }

  SingleCell(Map<String, String> options, List<String> overrides, Vocabulary vocabulary) {
    this(options, overrides, Presets.shipped(), vocabulary);
  }

  private SingleCell(
      Map<String, String> options, List<String> overrides, Presets presets, Vocabulary vocabulary) {
    this.presets = presets;
    this.options = new LinkedHashMap<>(options);
    this.overrides = List.copyOf(overrides);
    this.vocabulary = vocabulary;
  }

  /**
   * What was chosen, except for images.
   *
   * @param method absent where none was given
   * @param selection how scores become a selection
   * @param head absent where none was given
   * @param ratio absent where none was given
   * @param samples 0 for all
   */
  public record Choices(
      ModelConfig model,
      Optional<GridMethod> method,
      SelectionConfig selection,
      Optional<Head> head,
      OptionalDouble ratio,
      long seed,
      int samples) {}

  /**
   * The sweep of this one cell, checked as a whole.
   *
   * @throws BadInput with every problem
   */
  public Sweep sweep() {
    Problems problems = new Problems();
    Config config = config(SweepKeys.SWEEP_NAMES, problems);
    ConfigObject expanded = new PresetExpansion(presets, problems).sweep(config.root());
    return new SweepReader(vocabulary, problems).read(expanded, "single");
  }

  /**
   * The model and the method without opening any data; overrides are parameters of the method, keys
   * of selection, {@code samples-per-class} and {@code head}.
   *
   * @throws BadInput with every problem
   */
  public Choices choices() {
    List<String> keys = new ArrayList<>(SweepKeys.names(SweepKeys.SELECTION).toList());
    keys.add(SweepKeys.SAMPLES_PER_CLASS.name());
    keys.add(SweepKeys.HEAD.name());
    Problems problems = new Problems();
    ConfigObject expanded =
        new PresetExpansion(presets, problems).sweep(config(keys, problems).root());
    Block block = new Block(expanded, "sweep", Optional.empty(), problems);
    Axes axes = new Axes(problems);
    List<Entry<ModelEntry>> models = axes.models(block);
    Optional<GridMethod> method =
        options.containsKey(METHOD)
            ? new MethodReader(vocabulary, problems)
                .methods(block).stream().map(Entry::value).findFirst()
            : Optional.empty();
    SelectionConfig selection = MethodReader.selection(block);
    MethodReader.refuseContradictions(block);
    OptionalDouble ratio =
        options.containsKey("ratio")
            ? axes.ratios(block).stream().mapToDouble(Number::doubleValue).findFirst()
            : OptionalDouble.empty();
    Optional<Head> head = block.find(SweepKeys.HEAD);
    List<Long> seeds = axes.seeds(block);
    int samples = block.read(SweepKeys.SAMPLES);
    problems.refuseIfAny();
    return new Choices(
        models.get(0).value().model(), method, selection, head, ratio, seeds.get(0), samples);
  }

  private Config config(List<String> overridable, Problems problems) {
    ConfigObject sweep = ConfigValueFactory.fromMap(Map.of(), COMMAND_LINE);
    ConfigObject model = ConfigValueFactory.fromMap(Map.of(), "--" + MODEL);
    ConfigObject method = ConfigValueFactory.fromMap(Map.of(), "--" + METHOD);
    for (Map.Entry<String, String> option : options.entrySet()) {
      String name = option.getKey();
      ConfigValue value = ConfigValueFactory.fromAnyRef(option.getValue(), "--" + name);
      if (MODEL_KEYS.containsKey(name)) {
        model = model.withValue(MODEL_KEYS.get(name).name(), value);
      } else if (name.equals(METHOD)) {
        method = method.withValue(AxisKeys.METHOD_NAME.name(), value);
      } else if (AXES.containsKey(name)) {
        sweep = sweep.withValue(AXES.get(name), list(value));
      } else {
        sweep = sweep.withValue(name, value);
      }
    }
    List<String> parameters = parameters();
    List<String> refused = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (String override : overrides) {
      String key = override.split("=", 2)[0].strip();
      String first = key.replaceFirst("^sweep\\.", "").split("\\.", 2)[0];
      String parameter = key.replaceFirst("^" + METHOD + "\\.", "");
      boolean plain = parameter.equals(key) && overridable.contains(key);
      if (parameters.contains(parameter) && !plain && override.contains("=")) {
        String place = "--set " + key;
        method =
            method.withValue(parameter, Overrides.value(place, override.split("=", 2)[1].strip()));
      } else if (options.containsKey(first)) {
        refused.add("--set " + key + ": " + first + " is also given by --" + first);
      } else if (!override.contains("=") || overridable.contains(first)) {
        others.add(override);
      } else {
        List<String> known = new ArrayList<>(parameters);
        known.addAll(overridable);
        refused.add(
            "--set " + key + ": " + Names.unknown("parameter of the method or key", key, known));
      }
    }
    problems.addAll(refused);
    sweep = sweep.withValue(SweepKeys.MODELS, list(model));
    if (!method.isEmpty()) {
      sweep = sweep.withValue(SweepKeys.METHODS, list(method));
    }
    return Overrides.apply(sweep.toConfig(), others, problems);
  }

  /** Parameters of the criterion; none where it is unknown, which is told elsewhere. */
  private List<String> parameters() {
    String criterion = options.getOrDefault(METHOD, "");
    return vocabulary.criteria().contains(criterion) ? vocabulary.parameters(criterion) : List.of();
  }

  private static ConfigValue list(ConfigValue only) {
    return ConfigValueFactory.fromIterable(List.of(only), only.origin().description());
  }
}
