package io.prunegrid.format;

import io.prunegrid.format.PickleValue.StoredTensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds the dict of parameters among the other things that training scripts save with it. */
final class StateDict {
  private static final String WRAPPER = "module.";

  /** Names that training scripts give to the dict of parameters, the surest first. */
  private static final List<String> USUAL =
      List.of(
          "state_dict",
          "model_state_dict",
          "model_state",
          "model",
          "net",
          "network",
          "weights",
          "params",
          "module");

  private static final int DEEPEST = 4;
  private static final int MOST_WRAPPERS = 2;
  private static final int MOST_NAMED = 8;

  private final Map<String, Map<String, StoredTensor>> candidates = new LinkedHashMap<>();
  private final Set<Map<?, ?>> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private StateDict() {}

  /**
   * The tensors of the one dict of parameters, by name, in file order; numbers, texts and other
   * entries are left out, and so is a {@code module.} in front of every name.
   */
  static Map<String, StoredTensor> find(Object root) throws IOException {
    if (!(root instanceof Map<?, ?> map)) {
      throw new Malformed("holds no dict of tensors");
    }
    StateDict search = new StateDict();
    search.collect("", map, 0);
    return unwrapped(search.only());
  }

  private void collect(String path, Map<?, ?> map, int depth) {
    if (!seen.add(map)) {
      return;
    }
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    boolean hasParameters = false;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (entry.getKey() instanceof String name) {
        if (entry.getValue() instanceof StoredTensor tensor) {
          tensors.put(name, tensor);
          // A lone number such as best_acc1 is a tensor without dimensions.
          hasParameters |= !tensor.size().isEmpty();
        } else if (entry.getValue() instanceof Map<?, ?> inner && depth < DEEPEST) {
          collect(path.isEmpty() ? name : path + "." + name, inner, depth + 1);
        }
      }
    }
    if (hasParameters) {
      candidates.put(path, tensors);
    }
  }

  private Map<String, StoredTensor> only() throws IOException {
    if (candidates.isEmpty()) {
      throw new Malformed("holds no dict of tensors");
    }
    if (candidates.size() == 1) {
      return candidates.values().iterator().next();
    }
    for (String usual : USUAL) {
      if (candidates.containsKey(usual)) {
        return candidates.get(usual);
      }
    }
    List<String> found = new ArrayList<>();
    candidates.entrySet().stream()
        .limit(MOST_NAMED)
        .forEach(entry -> found.add(label(entry.getKey(), entry.getValue().size())));
    throw new Malformed(
        "holds several dicts of tensors, and none has a usual name such as state_dict: "
            + String.join(", ", found));
  }

  private static String label(String path, int tensors) {
    return (path.isEmpty() ? "the whole" : Malformed.quote(path)) + " (" + tensors + " tensors)";
  }

  private static Map<String, StoredTensor> unwrapped(Map<String, StoredTensor> tensors) {
    Map<String, StoredTensor> names = tensors;
    for (int i = 0; i < MOST_WRAPPERS && isWrapped(names); i++) {
      names =
          names.entrySet().stream()
              .collect(
                  Collectors.toMap(
                      entry -> entry.getKey().substring(WRAPPER.length()),
                      Map.Entry::getValue,
                      (first, second) -> first,
                      LinkedHashMap::new));
    }
    return names;
  }

  private static boolean isWrapped(Map<String, StoredTensor> tensors) {
    return tensors.keySet().stream().allMatch(name -> name.startsWith(WRAPPER));
  }
}
