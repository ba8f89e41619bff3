package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.prunegrid.common.Names;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A block of keys in braces. A key that a block leaves out is looked up in the block around it, so
 * that a grid overrides what stands above and a method overrides its grid.
 *
 * @param values the keys given here
 * @param path how to call the block in messages, for instance {@code sweep.retrain}
 * @param around where keys that are left out are looked up
 */
record Block(ConfigObject values, String path, Optional<Block> around, Problems problems) {

  /** A value with the path it was found under. */
  record Found(ConfigValue value, String path) {
    ConfigOrigin origin() {
      return value.origin();
    }

    Found at(int index) {
      return new Found(((ConfigList) value).get(index), path + "[" + index + "]");
    }

    /** What stands behind a key, or this where the key is left to its default. */
    Found at(String key) {
      ConfigValue written = value instanceof ConfigObject block ? block.get(key) : null;
      return new Found(written == null ? value : written, path + "." + key);
    }
  }

  ConfigOrigin origin() {
    return values.origin();
  }

  /** The value given here, not around. */
  Optional<Found> own(String key) {
    return Optional.ofNullable(values.get(key))
        .filter(value -> !Kind.isNull(value))
        .map(value -> new Found(value, path + "." + key));
  }

  /** The value that counts: given here, or else around. */
  Optional<Found> lookup(String key) {
    Optional<Found> here = own(key);
    return here.isPresent() ? here : around.flatMap(outer -> outer.lookup(key));
  }

  /** The value of the first of these keys in the innermost block that has any of them. */
  Optional<Found> nearest(List<String> keys) {
    Optional<Found> here = keys.stream().flatMap(key -> own(key).stream()).findFirst();
    return here.isPresent() ? here : around.flatMap(outer -> outer.nearest(keys));
  }

  /** The value that counts at a path with dots. */
  Optional<ConfigValue> at(String path) {
    int dot = path.indexOf('.');
    return dot < 0
        ? lookup(path).map(Found::value)
        : inner(path.substring(0, dot)).flatMap(block -> block.at(path.substring(dot + 1)));
  }

  /** The value, or nothing where it is absent or, with a problem noted, not allowed. */
  <T> Optional<T> find(Key<T> key) {
    return lookup(key.name()).flatMap(found -> read(found, key.kind()));
  }

  /** The value, its default where it is absent or, with a problem noted, not allowed. */
  <T> T read(Key<T> key) {
    return find(key).or(key::standard).orElseThrow();
  }

  /** As {@link #find}, with a problem noted where the key is absent. */
  <T> Optional<T> need(Key<T> key) {
    if (lookup(key.name()).isEmpty()) {
      missing(key.name(), key.kind().allowed());
    }
    return find(key);
  }

  void missing(String key, String allowed) {
    problems.add(origin(), path + "." + key + " is missing; allowed: " + allowed);
  }

  <T> Optional<T> read(Found found, Kind<T> kind) {
    Optional<T> meaning = kind.read(found.value());
    if (meaning.isEmpty()) {
      unfit(found, kind.allowed(), hint(found, kind));
    }
    return meaning;
  }

  /** The allowed word that is nearest, or the parts of a value that are wrong. */
  private static String hint(Found found, Kind<?> kind) {
    List<String> culprits = kind.culprits().apply(found.value());
    Optional<String> text = Kind.text(found.value());
    if (!culprits.isEmpty() && !text.equals(Optional.of(culprits.get(0)))) {
      return ", in which '" + String.join("' and '", culprits) + "' cannot stand;";
    }
    return text.flatMap(written -> Names.nearest(written, kind.words()))
        .map(name -> "; did you mean '" + name + "'?")
        .orElse(";");
  }

  /** Notes that a value is not what it may be. */
  void unfit(Found found, String allowed) {
    unfit(found, allowed, ";");
  }

  private void unfit(Found found, String allowed, String hint) {
    problems.add(
        found.origin(),
        found.path(),
        " is " + rendered(found.value()) + hint + " allowed: " + allowed);
  }

  /** A block inside this one, which falls back on the same block around. */
  Optional<Block> inner(String key) {
    Optional<Block> outer = around.flatMap(block -> block.inner(key));
    Optional<Found> found = own(key);
    if (found.isEmpty()) {
      return outer;
    }
    if (found.get().value() instanceof ConfigObject object) {
      return Optional.of(new Block(object, found.get().path(), outer, problems));
    }
    unfit(found.get(), "keys in braces");
    return outer;
  }

  /** An entry of a list, which falls back on nothing. */
  Block entry(Found found) {
    return new Block((ConfigObject) found.value(), found.path(), Optional.empty(), problems);
  }

  /** This block with another one to fall back on. */
  Block within(Block outer) {
    return new Block(values, path, Optional.of(outer), problems);
  }

  /** Notes every key given here that is not among the known ones. */
  void refuseUnknown(Collection<String> known) {
    values.forEach(
        (key, value) -> {
          if (!known.contains(key)) {
            problems.add(value.origin(), Names.unknown("key of " + path, key, known));
          }
        });
  }

  /** A value as it was written, shortened where it is long. */
  static String rendered(ConfigValue value) {
    String text =
        value.valueType() == ConfigValueType.NUMBER
            ? Kind.text(value).orElseThrow()
            : value.render(ConfigRenderOptions.concise());
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }
}
