package io.prunegrid.job.sweep;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Parts of sweeps by name, each a file {@code KIND/NAME.conf}: first in the user's folders, then
 * among those that ship with the program. A user's file hides a shipped one of the same name.
 */
public final class Presets {
  private static final String ENDING = ".conf";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,99}");
  private static final String SHIPPED = "presets";

  private final List<Path> folders;

  private Presets(List<Path> folders) {
    this.folders = List.copyOf(folders);
  }

  /** One preset's file, not read yet. */
  private record Source(PresetKind kind, String name, String place, Path file, boolean shipped) {}

  /**
   * A preset as a list of all shows it.
   *
   * @param summary the comment at its start, or why it cannot be used
   * @param place its file; {@code shipped} where it came with the program
   */
  public record Listed(PresetKind kind, String name, String summary, String place) {}

  /** Those that ship with the program, and none else. */
  public static Presets shipped() {
    return new Presets(List.of());
  }

  /** Those of the user: in {@code conf} under the working folder, then in {@code ~/.prunegrid}. */
  public static Presets ofUser() {
    return new Presets(
        List.of(Path.of("conf"), Path.of(System.getProperty("user.home"), ".prunegrid")));
  }

  /**
   * Those of one folder before the shipped ones.
   *
   * @throws BadInput where there is no such folder
   */
  public static Presets in(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new BadInput("presets folder " + folder + " does not exist");
    }
    return new Presets(List.of(folder));
  }

  /**
   * The preset of this name, read.
   *
   * @throws BadInput where its file cannot be used
   */
  Optional<Preset> find(PresetKind kind, String name) {
    return source(kind, name).map(source -> read(source));
  }

  /** A sweep file that ships with the program. */
  Optional<Path> sweep(String name) {
    return source(PresetKind.SWEEP, name).map(Source::file);
  }

  /** Names of a kind, sorted. */
  public List<String> names(PresetKind kind) {
    return sources(kind).keySet().stream().sorted().toList();
  }

  /** All of a kind by name. */
  public List<Listed> list(PresetKind kind) {
    return sources(kind).values().stream()
        .sorted(Comparator.comparing(Source::name))
        .map(
            source ->
                new Listed(
                    kind, source.name, summary(source), source.shipped ? "shipped" : source.place))
        .toList();
  }

  /** What to say of a name that nothing has and that a preset nearly has; empty where none does. */
  String hint(PresetKind kind, String name) {
    return Names.nearest(name, names(kind))
        .map(near -> "; or did you mean the preset '" + near + "'?")
        .orElse("");
  }

  private Optional<Source> source(PresetKind kind, String name) {
    if (!NAME.matcher(name).matches()) {
      return Optional.empty();
    }
    for (Path folder : folders) {
      Path file = kindFolder(folder, kind).resolve(name + ENDING);
      if (Files.exists(file)) {
        return Optional.of(new Source(kind, name, file.toString(), file, false));
      }
    }
    return shippedFolder(kind)
        .map(folder -> folder.resolve(name + ENDING))
        .filter(Files::exists)
        .map(file -> new Source(kind, name, shippedPlace(kind, name + ENDING), file, true));
  }

  private static Path kindFolder(Path folder, PresetKind kind) {
    boolean sweeps = kind == PresetKind.SWEEP && folder.equals(Path.of("conf"));
    return sweeps ? Path.of(kind.many()) : folder.resolve(kind.toString());
  }

  private static String shippedPlace(PresetKind kind, String file) {
    return "shipped " + kind + "/" + file;
  }

  private Map<String, Source> sources(PresetKind kind) {
    Map<String, Source> sources = new LinkedHashMap<>();
    for (Path folder : folders) {
      files(kindFolder(folder, kind), kind, false).forEach(s -> sources.putIfAbsent(s.name, s));
    }
    shippedFolder(kind)
        .ifPresent(
            folder -> files(folder, kind, true).forEach(s -> sources.putIfAbsent(s.name, s)));
    return sources;
  }

  private static List<Source> files(Path folder, PresetKind kind, boolean shipped) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Source> sources = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(file -> file.getFileName().toString().endsWith(ENDING))
          .sorted()
          .forEach(
              file -> {
                String full = file.getFileName().toString();
                String name = full.substring(0, full.length() - ENDING.length());
                if (NAME.matcher(name).matches()) {
                  String place = shipped ? shippedPlace(kind, full) : file.toString();
                  sources.add(new Source(kind, name, place, file, shipped));
                }
              });
    } catch (IOException e) {
      throw new BadInput("presets folder " + folder + " cannot be read: " + e.getMessage(), e);
    }
    return sources;
  }

  private static Optional<Path> shippedFolder(PresetKind kind) {
    URL url = Presets.class.getResource(SHIPPED + "/" + kind);
    if (url == null) {
      return Optional.empty();
    }
    try {
      URI uri = url.toURI();
      if (uri.getScheme().equals("jar")) {
        openJar(uri);
      }
      return Optional.of(Path.of(uri));
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the program's own folder has no path: " + url, e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Paths into the jar need its file system; it stays open. */
  private static synchronized void openJar(URI uri) throws IOException {
    try {
      FileSystem known = FileSystems.getFileSystem(uri);
      if (!known.isOpen()) {
        throw new IllegalStateException("the program's jar was closed");
      }
    } catch (FileSystemNotFoundException e) {
      FileSystems.newFileSystem(uri, Map.of());
    }
  }

  private static Preset read(Source source) {
    return new Preset(
        source.kind,
        source.name,
        source.place,
        HoconFiles.read(source.file, source.place, source.kind.toString()));
  }

  /** The first paragraph of comments. */
  private static String summary(Source source) {
    StringBuilder summary = new StringBuilder();
    try {
      for (String line : Files.readAllLines(source.file)) {
        if (!line.startsWith("#")) {
          break;
        }
        summary.append(summary.isEmpty() ? "" : " ").append(line.substring(1).strip());
      }
      if (source.kind != PresetKind.SWEEP) {
        read(source);
      }
    } catch (IOException e) {
      return "cannot be read: " + e.getMessage();
    } catch (BadInput e) {
      return summary + (summary.isEmpty() ? "" : " ") + "[not usable now: " + e.getMessage() + "]";
    }
    return summary.toString();
  }
}
