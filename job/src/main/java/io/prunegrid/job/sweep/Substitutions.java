package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import io.prunegrid.common.BadInput;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How large a file becomes once each <code>${...}</code> is what it stands for, reckoned before
 * anything is put in its place: thirty keys, each twice the one before it, are a gigabyte.
 */
final class Substitutions {
  private static final long FIXED = 1L << 20;
  private static final long MULTIPLE = 16;
  private static final int LONGEST_CHAIN = 32;

  /** The parser's own expense grows with nearly the cube of these, and with all else there is. */
  private static final int MOST_VERSIONS = 32;

  /** Quotes, colon, comma and braces of a key. */
  private static final int MARKS = 6;

  /** What it takes to reckon one value once more, in characters to read. */
  private static final int EXPENSE = 1024;

  private final ConfigObject root;
  private final long allowed;
  private long read;
  private int earlier;
  private final IdentityHashMap<ConfigValue, List<Version>> texts = new IdentityHashMap<>();
  private final IdentityHashMap<ConfigValue, Size> known = new IdentityHashMap<>();
  private final IdentityHashMap<ConfigValue, Size> underWay = new IdentityHashMap<>();

  /** Values under way that were met again, so that what was reckoned of them is not all. */
  private final Set<ConfigValue> met = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * @param characters the text that a value becomes, at most
   * @param chain through how many references, one behind the other
   */
  private record Size(long characters, int chain) {
    static final Size NONE = new Size(0, 0);

    Size plus(Size other) {
      return new Size(characters + other.characters, Math.max(chain, other.chain));
    }

    Size largest(Size other) {
      return new Size(Math.max(characters, other.characters), Math.max(chain, other.chain));
    }

    Size behindReference() {
      return new Size(characters, chain + 1);
    }
  }

  /** One of the values that a key was given. */
  private record Version(int length, List<Reference> references) {}

  /** What a path may stand for. */
  private record Reference(String path, List<ConfigValue> targets) {}

  private Substitutions(ConfigObject root) {
    this.root = root;
    this.allowed = FIXED + MULTIPLE * root.render(ConfigRenderOptions.concise()).length();
  }

  /**
   * Refuses what would become larger than a small multiple of what is written.
   *
   * @param root a file before anything is substituted
   * @return how many characters it becomes at most
   * @throws BadInput with the place of the first value that becomes too large
   */
  static long refuseExplosion(ConfigObject root) {
    return new Substitutions(root).size(root).characters;
  }

  private Size size(ConfigValue value) {
    if (known.containsKey(value)) {
      return known.get(value);
    }
    if (underWay.containsKey(value)) {
      met.add(value);
      return underWay.get(value);
    }
    underWay.put(value, Size.NONE);
    Optional<ConfigObject> keyed = keyed(value);
    Size size = keyed.isPresent() ? ofFields(keyed.get()) : ofText(value);
    underWay.remove(value);
    met.remove(value);
    if (met.isEmpty()) {
      known.put(value, size);
    }
    return size;
  }

  /** Notes how much is known to belong to a value. */
  private Size soFar(ConfigValue value, Size size) {
    if (size.characters > allowed || read > allowed) {
      throw new BadInput(
          Place.of(value.origin())
              + ": references ${...} multiply what is written to more than "
              + allowed
              + " characters");
    }
    underWay.put(value, size);
    return size;
  }

  /** The value as one with keys; nothing where it has none, or they are not known yet. */
  private static Optional<ConfigObject> keyed(ConfigValue value) {
    try {
      return value instanceof ConfigObject object && !object.isEmpty()
          ? Optional.of(object)
          : Optional.empty();
    } catch (ConfigException.NotResolved e) {
      return Optional.empty();
    }
  }

  private Size ofFields(ConfigObject value) {
    Size size = Size.NONE;
    for (Map.Entry<String, ConfigValue> field : value.entrySet()) {
      Size own = own(field.getKey().length() + MARKS);
      size = soFar(value, size.plus(own).plus(size(field.getValue())));
    }
    return size;
  }

  /** A value in the parser's words; one that was given several times is all of them, in order. */
  private Size ofText(ConfigValue value) {
    List<Version> versions = texts.get(value);
    if (versions == null) {
      versions = versions(value);
      texts.put(value, versions);
    } else {
      read += EXPENSE;
    }
    Size size = Size.NONE;
    for (Version version : versions) {
      Size next = own(version.length);
      boolean buildsOnItself = false;
      for (Reference reference : version.references) {
        buildsOnItself |= reference.targets.stream().anyMatch(target -> target == value);
        next = next.plus(referred(reference, value));
      }
      size = soFar(value, buildsOnItself ? next : size.plus(next));
    }
    return size;
  }

  private List<Version> versions(ConfigValue value) {
    List<Version> versions =
        ReferenceText.versions(value.render(ConfigRenderOptions.concise())).stream()
            .map(version -> new Version(version.length(), references(version.references())))
            .toList();
    earlier += versions.size() - 1;
    if (earlier > MOST_VERSIONS) {
      throw new BadInput(
          Place.of(value.origin())
              + ": values are built on what their keys were before more than "
              + MOST_VERSIONS
              + " times; write them whole");
    }
    return versions;
  }

  private List<Reference> references(List<String> paths) {
    return paths.stream().map(path -> new Reference(path, targets(path))).toList();
  }

  private Size own(int length) {
    read += length;
    return new Size(length, 0);
  }

  private Size referred(Reference reference, ConfigValue from) {
    Size most = Size.NONE;
    for (ConfigValue target : reference.targets) {
      most = most.largest(size(target));
    }
    if (most.chain >= LONGEST_CHAIN) {
      throw new BadInput(
          Place.of(from.origin())
              + ": ${"
              + reference.path
              + "} stands for a reference to a reference, and so on, more than "
              + LONGEST_CHAIN
              + " times");
    }
    return most.behindReference();
  }

  /** What it may stand for: in a file that is included the path may begin at the file. */
  private List<ConfigValue> targets(String reference) {
    List<String> path = ConfigUtil.splitPath(reference);
    List<ConfigValue> targets = new ArrayList<>();
    for (int from = 0; from < path.size(); from++) {
      target(path.subList(from, path.size())).ifPresent(targets::add);
    }
    return targets;
  }

  /** The value at a path, or the one on the way whose keys are not known yet. */
  private Optional<ConfigValue> target(List<String> path) {
    ConfigValue value = root;
    for (String key : path) {
      Optional<ConfigObject> keyed = keyed(value);
      if (keyed.isEmpty()) {
        return Optional.of(value);
      }
      value = keyed.get().get(key);
      if (value == null) {
        return Optional.empty();
      }
    }
    return Optional.of(value);
  }
}
