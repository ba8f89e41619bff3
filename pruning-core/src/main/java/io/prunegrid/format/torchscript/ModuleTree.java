package io.prunegrid.format.torchscript;

import io.prunegrid.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tensors in modules of modules, as their names say: {@code layer1.0.conv1.weight} is the tensor
 * weight of the module conv1 of the module 0 of layer1. Each module is a class of its own.
 */
final class ModuleTree {
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Pattern STRANGE = Pattern.compile("[^ -~]|[\"'\\\\]");
  private static final Set<String> TAKEN = Set.of("training", "forward");
  private static final Set<String> KEYWORDS =
      Set.of(
          "False",
          "None",
          "True",
          "and",
          "as",
          "assert",
          "async",
          "await",
          "break",
          "class",
          "continue",
          "def",
          "del",
          "elif",
          "else",
          "except",
          "finally",
          "for",
          "from",
          "global",
          "if",
          "import",
          "in",
          "is",
          "lambda",
          "nonlocal",
          "not",
          "or",
          "pass",
          "raise",
          "return",
          "self",
          "try",
          "while",
          "with",
          "yield");

  private final Module root = new Module("PruneGrid");
  private final Map<String, String> access = new HashMap<>();
  private final List<Tensor> storages = new ArrayList<>();
  private int count;

  /** Whether training moves a tensor. */
  enum Kind {
    PARAMETER,
    BUFFER
  }

  private record Held(Tensor tensor, Kind kind, int storage) {}

  private static final class Module {
    private final String type;
    private final Map<String, String> names = new HashMap<>();
    private final Map<String, Held> tensors = new LinkedHashMap<>();
    private final Map<String, Module> children = new LinkedHashMap<>();

    Module(String type) {
      this.type = type;
    }

    /** The attribute for a part of a name; a tensor and a module never share one. */
    String attribute(String part, String kind) {
      return names.computeIfAbsent(
          kind + part,
          key -> {
            String wanted = STRANGE.matcher(part.isEmpty() ? "_" : part).replaceAll("_");
            while (TAKEN.contains(wanted) || names.containsValue(wanted)) {
              wanted += "_";
            }
            return wanted;
          });
    }
  }

  void add(String name, Tensor tensor, Kind kind) {
    String[] parts = name.split("\\.", -1);
    Module module = root;
    StringBuilder path = new StringBuilder("self");
    for (int i = 0; i < parts.length - 1; i++) {
      String attribute = module.attribute(parts[i], "module ");
      Module parent = module;
      module = parent.children.get(attribute);
      if (module == null) {
        module = new Module("Module" + ++count);
        parent.children.put(attribute, module);
      }
      extend(path, attribute);
    }
    String attribute = module.attribute(parts[parts.length - 1], "tensor ");
    module.tensors.put(attribute, new Held(tensor, kind, storages.size()));
    storages.add(tensor);
    extend(path, attribute);
    access.put(name, path.toString());
  }

  private static void extend(StringBuilder path, String attribute) {
    if (isIdentifier(attribute)) {
      path.append('.').append(attribute);
    } else {
      path.insert(0, "getattr(").append(", \"").append(attribute).append("\")");
    }
  }

  private static boolean isIdentifier(String name) {
    return IDENTIFIER.matcher(name).matches() && !KEYWORDS.contains(name);
  }

  /** The tensor as an expression of the root module's methods. */
  String access(String name) {
    return access.get(name);
  }

  /** The tensors in the order of their storages. */
  List<Tensor> storages() {
    return storages;
  }

  /**
   * The source of every class.
   *
   * @param forward the root's method, indented by two spaces
   */
  String source(String forward) {
    StringBuilder source = new StringBuilder();
    declare(root, forward, source);
    return source.toString();
  }

  private static void declare(Module module, String methods, StringBuilder source) {
    for (Module child : module.children.values()) {
      declare(child, "", source);
    }
    source.append("class ").append(module.type).append("(Module):\n");
    list("__parameters__", Kind.PARAMETER, module, source);
    list("__buffers__", Kind.BUFFER, module, source);
    module.tensors.keySet().forEach(name -> annotate(name, "Tensor", source));
    annotate("training", "bool", source);
    module.children.forEach((name, child) -> annotate(name, "__torch__." + child.type, source));
    source.append(methods);
  }

  private static void list(String what, Kind kind, Module module, StringBuilder source) {
    source.append("  ").append(what).append(" = [");
    module.tensors.forEach(
        (name, held) -> {
          if (held.kind == kind) {
            source.append('"').append(name).append("\", ");
          }
        });
    source.append("]\n");
  }

  private static void annotate(String name, String type, StringBuilder source) {
    if (isIdentifier(name)) {
      source.append("  ").append(name).append(" : ").append(type).append('\n');
    } else {
      source.append("  __annotations__[\"").append(name).append("\"] = ");
      source.append(type).append('\n');
    }
  }

  /** The root object, its tensors named by the numbers of their storages. */
  byte[] pickle() {
    PickleWriter pickle = new PickleWriter();
    write(root, pickle);
    return pickle.end();
  }

  private static void write(Module module, PickleWriter pickle) {
    pickle.global("__torch__", module.type).beginObject();
    module.tensors.forEach(
        (name, held) -> {
          pickle.text(name);
          write(held, pickle);
        });
    pickle.text("training").truth(false);
    module.children.forEach(
        (name, child) -> {
          pickle.text(name);
          write(child, pickle);
        });
    pickle.endObject();
  }

  private static void write(Held held, PickleWriter pickle) {
    List<Integer> dims = held.tensor.shape().dims();
    int[] strides = new int[dims.size()];
    int step = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= Math.max(1, dims.get(i));
    }
    pickle.global("torch._utils", "_rebuild_tensor_v2").mark();
    pickle.mark().text("storage").global("torch", "FloatStorage");
    pickle.text(String.valueOf(held.storage)).text("cpu").number(held.tensor.size()).tuple();
    pickle.persistent().number(0).mark();
    dims.forEach(pickle::number);
    pickle.tuple().mark();
    for (int stride : strides) {
      pickle.number(stride);
    }
    pickle.tuple().truth(held.kind == Kind.PARAMETER);
    pickle.global("collections", "OrderedDict").emptyTuple().call().tuple().call();
  }
}
