package io.prunegrid.format;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the fields of a {@link SelectionFile}, each whatever is wrong with the others. */
final class SelectionReader {
  private static final int UNKNOWN = 0;
  private static final SelectionFile.Layer NOTHING = new SelectionFile.Layer(UNKNOWN, List.of());

  private final List<String> problems = new ArrayList<>();
  private final Map<String, SelectionFile.Layer> layers = new LinkedHashMap<>();
  private final Set<String> doubtful = new HashSet<>();

  /** Reads one field. */
  private interface Field<T> {
    T read() throws Malformed;
  }

  /**
   * @param fields of the whole file, its version read
   */
  SelectionFile.Draft draft(Path file, JsonFields fields) {
    Optional<String> network = noted(() -> fields.text("network"));
    Optional<JsonFields> listed =
        noted(() -> new JsonFields("the selection's list of layers", fields.value("layers")));
    listed.ifPresent(all -> all.names().forEach(name -> readLayer(name, all)));
    problems.addAll(fields.unread());
    return new SelectionFile.Draft(file, network, layers, doubtful, problems);
  }

  private void readLayer(String name, JsonFields all) {
    Optional<JsonFields> fields =
        noted(() -> new JsonFields("layer " + Malformed.quote(name), all.value(name)));
    layers.put(name, fields.map(own -> layer(name, own)).orElse(NOTHING));
    if (fields.isEmpty()) {
      doubtful.add(name);
    }
  }

  private SelectionFile.Layer layer(String name, JsonFields fields) {
    int of = noted(() -> fields.integer("of", 1, Integer.MAX_VALUE)).orElse(UNKNOWN);
    int before = problems.size();
    List<Integer> remove =
        noted(() -> fields.integers("remove", 0, Integer.MAX_VALUE, problems)).orElse(List.of());
    if (problems.size() > before) {
      doubtful.add(name);
    }
    problems.addAll(fields.unread());
    return new SelectionFile.Layer(of, remove);
  }

  /** The field, or nothing with a problem noted. */
  private <T> Optional<T> noted(Field<T> field) {
    try {
      return Optional.of(field.read());
    } catch (Malformed e) {
      problems.add(e.getMessage());
      return Optional.empty();
    }
  }
}
