package io.prunegrid.channel;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import java.util.ArrayList;
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
  private final int[] alike;

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
    ClassSites sites = sites(count);
    this.alike = sites.alike();
    List<ChannelClass> gathered = new ArrayList<>(count);
    for (int id = 0; id < count; id++) {
      gathered.add(new ChannelClass(id, sites.of(id), Optional.ofNullable(pins[id])));
    }
    this.classes = List.copyOf(gathered);
    this.bundles = bundle();
  }

  /**
   * Finds the classes of a graph; of attention, the same position of every head goes together.
   *
   * @throws BadInput naming a node through which channels cannot be followed, and the reason
   */
  public static CoupledChannels of(ModelGraph graph) {
    return of(graph, AttentionUnit.POSITIONS);
  }

  /**
   * Finds the classes of a graph.
   *
   * @param attention what goes of attention at once; of attention that is written out as products
   *     of activations, a head is what one of several products side by side works on
   * @throws BadInput naming a node through which channels cannot be followed, and the reason
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

  /** The first class that occupies the same sides of the same layers; perhaps the class itself. */
  public int alike(int classId) {
    return alike[classId];
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
   * Globs among {@code ignore}, {@code protect}, {@code layer}, {@code layer-ratios} and {@code
   * layer-caps} that match no layer, most likely slips, by the key's name.
   */
  public Map<String, List<String>> unmatched(SelectionConfig config) {
    Map<String, List<String>> globs = new LinkedHashMap<>();
    globs.put("ignore", config.ignore());
    globs.put("protect", config.protect());
    globs.put("layer", List.of(config.limits().layerGlob()));
    globs.put("layer-ratios", config.limits().ratios().globs());
    globs.put("layer-caps", config.limits().caps().globs());
    globs.replaceAll((key, given) -> given.stream().filter(this::matchesNone).distinct().toList());
    globs.values().removeIf(List::isEmpty);
    return globs;
  }

  private boolean matchesNone(String glob) {
    return writes.keySet().stream().noneMatch(Names.glob(glob).asMatchPredicate());
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
        (name, array) -> resolved.put(name, done.computeIfAbsent(array, a -> resolved(a, ids))));
    return resolved;
  }

  private static int[] resolved(int[] atoms, int[] ids) {
    int[] classes = new int[atoms.length];
    for (int i = 0; i < atoms.length; i++) {
      classes[i] = atoms[i] == Atoms.ZERO ? NO_CLASS : ids[atoms[i]];
    }
    return classes;
  }

  private ClassSites sites(int count) {
    ClassSites sites = new ClassSites(count);
    for (Node layer : graph.layers()) {
      sites.add(layer.module(), Side.OUT, writes.get(layer.module()));
      if (reads.containsKey(layer.module())) {
        sites.add(layer.module(), Side.IN, reads.get(layer.module()));
      }
    }
    return sites;
  }

  private List<Bundle> bundle() {
    Map<Integer, List<Integer>> members = new LinkedHashMap<>();
    for (ChannelClass channels : classes) {
      if (channels.pinned().isEmpty()) {
        members.computeIfAbsent(alike[channels.id()], i -> new ArrayList<>()).add(channels.id());
      }
    }
    return members.values().stream()
        .map(
            ids -> {
              List<String> layers =
                  classes.get(ids.get(0)).sites().stream()
                      .filter(site -> site.side() == Side.OUT)
                      .map(Site::layer)
                      .toList();
              return new Bundle(layers.get(0), layers, ids);
            })
        .toList();
  }

  private static List<String> places(ChannelClass channels) {
    return channels.sites().stream().map(site -> site.side() + " " + site.layer()).toList();
  }

  /** The sides of layers that a bundle's classes are in; no other bundle's are in the same. */
  List<String> places(Bundle bundle) {
    return places(classes.get(bundle.classes().get(0)));
  }

  private static int[] known(Map<String, int[]> map, String name) {
    int[] array = map.get(name);
    if (array == null) {
      throw new IllegalArgumentException("unknown name '" + name + "'");
    }
    return array;
  }
}
