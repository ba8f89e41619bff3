package io.prunegrid.channel;

import io.prunegrid.common.Names;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The classes of coupled channels of a network, found by pushing symbolic channels through its
 * graph once: a sum unites its operands' channels position by position, a convolution or linear
 * layer consumes channels and makes new ones, everything else passes them on, rearranged or
 * repeated. For each class every position it occupies in every layer is known, so that removing it
 * is deleting those positions, whatever the architecture. The cost is linear in channels.
 * Immutable.
 */
public final class CoupledChannels {
  /** Stands for a channel that is zero whatever the input and belongs to no class. */
  public static final int NO_CLASS = -1;

  private final ModelGraph graph;
  private final AttentionUnit attention;
  private final Map<String, int[]> tensors = new LinkedHashMap<>();
  private final Map<String, Integer> axes = new LinkedHashMap<>();
  private final Map<String, int[]> writes;
  private final Map<String, int[]> reads;
  private final List<ChannelClass> classes;
  private final List<Bundle> bundles;

  private CoupledChannels(Bindings found, AttentionUnit attention) {
    this.graph = found.graph();
    this.attention = attention;
    Atoms atoms = found.atoms();
    int[] ids = new int[atoms.count()];
    int count = 0;
    for (int atom = 0; atom < ids.length; atom++) {
      int root = atoms.find(atom);
      ids[atom] = root == atom ? count++ : ids[root];
    }
    Map<String, int[]> positions = new LinkedHashMap<>();
    found
        .tensors()
        .forEach(
            (node, layout) -> {
              axes.put(node, layout.axis());
              positions.put(node, layout.atoms());
            });
    this.tensors.putAll(resolved(positions, ids));
    this.writes = resolved(found.writes(), ids);
    this.reads = resolved(found.reads(), ids);
    String[] pins = new String[count];
    found
        .pins()
        .forEach(
            (atom, reason) -> {
              int id = ids[atom];
              pins[id] = pins[id] == null || reason.compareTo(pins[id]) < 0 ? reason : pins[id];
            });
    this.classes = gather(pins);
    this.bundles = bundle();
  }

  /**
   * Finds the classes of a graph; of attention, the same position of every head goes together.
   *
   * @throws IllegalArgumentException naming a node through which channels cannot be followed
   */
  public static CoupledChannels of(ModelGraph graph) {
    return of(graph, AttentionUnit.POSITIONS);
  }

  /**
   * Finds the classes of a graph.
   *
   * @param attention what goes of attention at once; of attention that is written out as products
   *     of activations, a head is what one of several products side by side works on
   * @throws IllegalArgumentException naming a node through which channels cannot be followed
   */
  public static CoupledChannels of(ModelGraph graph, AttentionUnit attention) {
    return new CoupledChannels(new ChannelPropagation(graph, attention).bindings(), attention);
  }

  public ModelGraph graph() {
    return graph;
  }

  /** What goes of attention at once. */
  public AttentionUnit attention() {
    return attention;
  }

  /** All classes by id, those that can never go too. */
  public List<ChannelClass> classes() {
    return classes;
  }

  /**
   * The class at each channel of a node's output, {@link #NO_CLASS} where it is always zero; none
   * where a product has mixed the channels.
   *
   * @throws IllegalArgumentException for an unknown node
   */
  public int[] classesOf(String node) {
    return known(tensors, node).clone();
  }

  /**
   * The class at each output channel of a layer that owns weights.
   *
   * @throws IllegalArgumentException for a name that is no such layer
   */
  public int[] outClasses(String layer) {
    return known(writes, layer).clone();
  }

  /**
   * The class at each input position of a convolution (all groups) or linear layer, {@link
   * #NO_CLASS} where the layer reads zeros; empty for layers that work on each channel by itself.
   */
  public Optional<int[]> inClasses(String layer) {
    return Optional.ofNullable(reads.get(layer)).map(int[]::clone);
  }

  /** All classes that are not pinned, in bundles, by their first class. */
  public List<Bundle> bundles() {
    return bundles;
  }

  /**
   * The prunable classes in bundles, by their first class: no class that is pinned, that an ignored
   * layer's output carries, or that no layer's output carries which is to be pruned.
   *
   * @throws IllegalArgumentException where other parts of attention are to go than the classes were
   *     found for
   */
  public List<Bundle> bundles(SelectionConfig config) {
    if (config.limits().attention() != attention) {
      throw new IllegalArgumentException(
          "the classes were found for attention's "
              + attention
              + ", the selection takes "
              + config.limits().attention());
    }
    List<Pattern> ignored = config.ignore().stream().map(Names::glob).toList();
    return bundles.stream()
        .filter(bundle -> bundle.layers().stream().anyMatch(config.limits()::prunes))
        .filter(
            bundle ->
                bundle.layers().stream()
                    .noneMatch(
                        layer -> ignored.stream().anyMatch(glob -> glob.matcher(layer).matches())))
        .toList();
  }

  /** How many classes can be pruned under this configuration. */
  public int prunable(SelectionConfig config) {
    return bundles(config).stream().mapToInt(bundle -> bundle.classes().size()).sum();
  }

  /**
   * Globs among {@code ignore}, {@code protect} and {@code layer} that match no layer, most likely
   * slips.
   */
  public List<String> unmatched(SelectionConfig config) {
    List<String> globs = new ArrayList<>(config.ignore());
    globs.addAll(config.protect());
    globs.add(config.limits().layerGlob());
    return globs.stream()
        .filter(
            glob ->
                writes.keySet().stream()
                    .noneMatch(layer -> Names.glob(glob).matcher(layer).matches()))
        .distinct()
        .toList();
  }

  /** Axis of a node's output along which its channels lie, without the batch; -1 for none. */
  public int axis(String node) {
    return axes.get(node);
  }

  /** The class at each channel, not to be changed. */
  int[] tensor(String node) {
    return tensors.get(node);
  }

  int[] written(String layer) {
    return writes.get(layer);
  }

  int[] read(String layer) {
    return reads.get(layer);
  }

  private static Map<String, int[]> resolved(Map<String, int[]> atoms, int[] ids) {
    IdentityHashMap<int[], int[]> done = new IdentityHashMap<>();
    Map<String, int[]> resolved = new LinkedHashMap<>();
    atoms.forEach(
        (name, array) ->
            resolved.put(
                name,
                done.computeIfAbsent(
                    array,
                    a ->
                        Arrays.stream(a)
                            .map(atom -> atom == Atoms.ZERO ? NO_CLASS : ids[atom])
                            .toArray())));
    return resolved;
  }

  private List<ChannelClass> gather(String[] pins) {
    List<List<Site>> sites = new ArrayList<>();
    for (int id = 0; id < pins.length; id++) {
      sites.add(new ArrayList<>());
    }
    int[] counts = new int[pins.length];
    for (Node layer : graph.layers()) {
      addSites(sites, counts, layer.module(), Side.OUT, writes.get(layer.module()));
      if (reads.containsKey(layer.module())) {
        addSites(sites, counts, layer.module(), Side.IN, reads.get(layer.module()));
      }
    }
    List<ChannelClass> gathered = new ArrayList<>();
    for (int id = 0; id < pins.length; id++) {
      gathered.add(new ChannelClass(id, sites.get(id), Optional.ofNullable(pins[id])));
    }
    return List.copyOf(gathered);
  }

  /** {@code counts} is all zeros before and after. */
  private static void addSites(
      List<List<Site>> sites, int[] counts, String layer, Side side, int[] ids) {
    for (int id : ids) {
      if (id != NO_CLASS) {
        counts[id]++;
      }
    }
    Map<Integer, int[]> positions = new LinkedHashMap<>();
    for (int position = ids.length - 1; position >= 0; position--) {
      int id = ids[position];
      if (id != NO_CLASS) {
        positions.computeIfAbsent(id, i -> new int[counts[i]])[--counts[id]] = position;
      }
    }
    positions.forEach((id, array) -> sites.get(id).add(new Site(layer, side, array)));
  }

  private List<Bundle> bundle() {
    Map<List<String>, List<ChannelClass>> alike = new LinkedHashMap<>();
    for (ChannelClass channels : classes) {
      if (channels.pinned().isEmpty()) {
        List<String> places =
            channels.sites().stream().map(site -> site.side() + " " + site.layer()).toList();
        alike.computeIfAbsent(places, p -> new ArrayList<>()).add(channels);
      }
    }
    return alike.values().stream()
        .map(
            members -> {
              List<String> layers =
                  members.get(0).sites().stream()
                      .filter(site -> site.side() == Side.OUT)
                      .map(Site::layer)
                      .toList();
              return new Bundle(
                  layers.get(0), layers, members.stream().map(ChannelClass::id).toList());
            })
        .toList();
  }

  private static int[] known(Map<String, int[]> map, String name) {
    int[] array = map.get(name);
    if (array == null) {
      throw new IllegalArgumentException("unknown name '" + name + "'");
    }
    return array;
  }
}
