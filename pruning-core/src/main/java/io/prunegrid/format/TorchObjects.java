package io.prunegrid.format;

import io.prunegrid.format.PickleValue.Global;
import io.prunegrid.format.PickleValue.Ignored;
import io.prunegrid.format.PickleValue.Kind;
import io.prunegrid.format.PickleValue.Storage;
import io.prunegrid.format.PickleValue.StoredTensor;
import io.prunegrid.format.PickleValue.Tuple;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The few Python names that a checkpoint of weights needs, and the plain values they stand for. Any
 * other name is refused; none is ever imported or called.
 */
final class TorchObjects {
  private static final int MAX_RANK = 64;

  private static final Map<String, Global> ALLOWED = allowed();

  private final Map<String, Storage> storages = new TreeMap<>();

  private static Map<String, Global> allowed() {
    Map<String, Global> names = new HashMap<>();
    allow(names, Kind.MAP, "collections OrderedDict", "collections Counter");
    allow(names, Kind.TUPLE, "torch Size");
    allow(names, Kind.TENSOR, "torch._utils _rebuild_tensor", "torch._utils _rebuild_tensor_v2");
    allow(names, Kind.PARAMETER, "torch._utils _rebuild_parameter");
    allow(names, Kind.PARAMETER, "torch._utils _rebuild_parameter_with_state");
    allow(names, Kind.IGNORED, "torch device", "torch float64", "torch float32", "torch float16");
    allow(names, Kind.IGNORED, "torch bfloat16", "torch int64", "torch int32", "torch int16");
    allow(names, Kind.IGNORED, "torch int8", "torch uint8", "torch bool");
    allow(names, Kind.IGNORED, "_codecs encode", "argparse Namespace", "numpy dtype");
    allow(names, Kind.IGNORED, "numpy ndarray");
    for (String core : List.of("numpy.core", "numpy._core")) {
      allow(names, Kind.IGNORED, core + ".multiarray scalar", core + ".multiarray _reconstruct");
      allow(names, Kind.IGNORED, core + ".numeric _frombuffer");
    }
    for (String builtins : List.of("builtins", "__builtin__")) {
      allow(names, Kind.IGNORED, builtins + " set", builtins + " frozenset");
      allow(names, Kind.IGNORED, builtins + " complex", builtins + " bytearray");
    }
    Map<String, ElementType> storages =
        Map.ofEntries(
            Map.entry("Double", ElementType.FLOAT64),
            Map.entry("Float", ElementType.FLOAT32),
            Map.entry("Half", ElementType.FLOAT16),
            Map.entry("BFloat16", ElementType.BFLOAT16),
            Map.entry("Long", ElementType.INT64),
            Map.entry("Int", ElementType.INT32),
            Map.entry("Short", ElementType.INT16),
            Map.entry("Char", ElementType.INT8),
            Map.entry("Byte", ElementType.UINT8),
            Map.entry("Bool", ElementType.BOOL),
            Map.entry("ComplexFloat", ElementType.COMPLEX64),
            Map.entry("ComplexDouble", ElementType.COMPLEX128));
    storages.forEach(
        (prefix, type) -> {
          String name = "torch " + prefix + "Storage";
          names.put(name, new Global(name, Kind.STORAGE, type));
        });
    return Map.copyOf(names);
  }

  private static void allow(Map<String, Global> names, Kind kind, String... allowed) {
    for (String name : allowed) {
      names.put(name, new Global(name, kind, null));
    }
  }

  /** Every storage that was referred to, whole, by key. */
  Map<String, Storage> storages() {
    return storages;
  }

  /** The meaning of a name, by module and name. */
  Global global(String module, String name, long at) throws IOException {
    Global global = ALLOWED.get(module + " " + name);
    if (global == null) {
      throw new Malformed(
          "refers before byte "
              + at
              + " to "
              + Malformed.quote(module + " " + name)
              + ", which is not on the list of names that a checkpoint of weights needs;"
              + " nothing was executed. Save the state_dict alone");
    }
    return global;
  }

  /** What calling an allowed name with these arguments gives. */
  Object call(Object callable, Object arguments, long at) throws IOException {
    if (!(callable instanceof Global global) || !(arguments instanceof Tuple tuple)) {
      throw new Malformed("calls what cannot be called, before byte " + at);
    }
    List<Object> items = tuple.items();
    return switch (global.kind()) {
      case MAP -> map(items, at);
      case TUPLE -> items.size() == 1 && items.get(0) instanceof Tuple size ? size : tuple;
      case TENSOR -> tensor(items, at);
      case PARAMETER -> {
        if (items.isEmpty() || !(items.get(0) instanceof StoredTensor)) {
          throw new Malformed("has a parameter without a tensor before byte " + at);
        }
        yield items.get(0);
      }
      case IGNORED -> Ignored.OBJECT;
      case STORAGE ->
          throw new Malformed("calls " + Malformed.quote(global.name()) + " before byte " + at);
    };
  }

  /** Attributes may be set on dicts, tensors and ignored values; they are left out. */
  void expectBuildable(Object target, long at) throws IOException {
    if (!(target instanceof Map) && !(target instanceof StoredTensor) && target != Ignored.OBJECT) {
      throw new Malformed("sets attributes of what has none, before byte " + at);
    }
  }

  /** A reference to something outside of the pickle, which can only be a storage. */
  Storage persistent(Object id) throws IOException {
    if (!(id instanceof Tuple tuple) || tuple.items().size() < 5) {
      throw new Malformed("refers to something outside of the pickle that is no storage");
    }
    List<Object> items = tuple.items();
    if (!"storage".equals(items.get(0))
        || !(items.get(1) instanceof Global global)
        || global.kind() != Kind.STORAGE
        || !(items.get(4) instanceof Long elements)
        || elements < 0) {
      throw new Malformed("refers to something outside of the pickle that is no storage");
    }
    if (!(items.get(2) instanceof String) && !(items.get(2) instanceof Long)) {
      throw new Malformed("refers to a storage without a name");
    }
    String key = items.get(2).toString();
    Storage whole = new Storage(key, global.type(), elements, 0, elements);
    Storage before = storages.putIfAbsent(key, whole);
    if (before != null && !before.equals(whole)) {
      throw new Malformed("describes storage " + Malformed.quote(key) + " in two ways");
    }
    boolean isView = items.size() > 5 && items.get(5) instanceof Tuple;
    return isView ? view(whole, ((Tuple) items.get(5)).items()) : whole;
  }

  /** How many values a call would copy. */
  static int size(Object arguments) {
    int size = 0;
    if (arguments instanceof Tuple tuple) {
      for (Object item : tuple.items()) {
        size += item instanceof List<?> list ? list.size() : 1;
      }
    }
    return size;
  }

  /** A key of a dict; tuples and the like are nobody's parameter name and stand for themselves. */
  static Object key(Object value) {
    return value instanceof String || value instanceof Long ? value : new Object();
  }

  private static Storage view(Storage whole, List<Object> items) throws IOException {
    if (items.size() != 3
        || !(items.get(1) instanceof Long from)
        || !(items.get(2) instanceof Long elements)
        || from < 0
        || elements < 0
        || from > whole.elements() - elements) {
      throw new Malformed(
          "views storage "
              + Malformed.quote(whole.key())
              + " beyond its "
              + whole.elements()
              + " elements");
    }
    return new Storage(whole.key(), whole.type(), whole.elements(), from, elements);
  }

  /** An ordered dict from nothing, or as Python 2 wrote it from a list of pairs. */
  private static Map<Object, Object> map(List<Object> arguments, long at) throws IOException {
    Map<Object, Object> map = new LinkedHashMap<>();
    if (arguments.isEmpty()) {
      return map;
    }
    if (arguments.size() == 1 && arguments.get(0) instanceof Map<?, ?> counts && counts.isEmpty()) {
      return map;
    }
    if (arguments.size() != 1 || !(arguments.get(0) instanceof List<?> pairs)) {
      throw new Malformed("makes a dict of what are no pairs, before byte " + at);
    }
    for (Object pair : pairs) {
      List<?> items = pair instanceof Tuple tuple ? tuple.items() : List.of();
      items = pair instanceof List<?> list ? list : items;
      if (items.size() != 2) {
        throw new Malformed("makes a dict of what are no pairs, before byte " + at);
      }
      map.put(key(items.get(0)), items.get(1));
    }
    return map;
  }

  private static StoredTensor tensor(List<Object> arguments, long at) throws IOException {
    if (arguments.size() < 4
        || !(arguments.get(0) instanceof Storage storage)
        || !(arguments.get(1) instanceof Long offset)
        || !(arguments.get(2) instanceof Tuple size)
        || !(arguments.get(3) instanceof Tuple stride)) {
      throw new Malformed(
          "has a tensor without storage, offset, size and stride, before byte " + at);
    }
    return new StoredTensor(storage, offset, longs(size, at), longs(stride, at));
  }

  private static List<Long> longs(Tuple tuple, long at) throws IOException {
    if (tuple.items().size() > MAX_RANK) {
      throw new Malformed(
          "has a tensor of " + tuple.items().size() + " dimensions before byte " + at);
    }
    List<Long> longs = new ArrayList<>();
    for (Object item : tuple.items()) {
      if (!(item instanceof Long number)) {
        throw new Malformed("has a tensor whose shape holds no number, before byte " + at);
      }
      longs.add(number);
    }
    return List.copyOf(longs);
  }
}
