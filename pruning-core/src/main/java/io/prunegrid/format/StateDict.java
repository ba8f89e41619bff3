package io.prunegrid.format;

import io.prunegrid.format.PickleValue.StoredTensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  private final Map<String, Map<String, StoredTensor>> candidates = new LinkedHashMap<>();

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
    candidates.forEach(
        (path, tensors) ->
            found.add(
                (path.isEmpty() ? "the whole" : Malformed.quote(path))
                    + " ("
                    + tensors.size()
                    + " tensors)"));
    throw new Malformed(
        "holds several dicts of tensors, and none has a usual name such as state_dict: "
            + String.join(", ", found));
  }

  private static Map<String, StoredTensor> unwrapped(Map<String, StoredTensor> tensors) {
    Map<String, StoredTensor> names = tensors;
    while (names.keySet().stream().allMatch(name -> name.startsWith(WRAPPER))) {
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
}
