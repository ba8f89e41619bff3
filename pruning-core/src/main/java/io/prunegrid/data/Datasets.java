package io.prunegrid.data;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.common.WorkingFolder;
import io.prunegrid.graph.Shape;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Opens data by what a person writes:
 *
 * <ul>
 *   <li>{@code fashion}: 2,000 training and 1,000 test images of Fashion-MNIST that ship with the
 *       program, pooled to 14x14.
 *   <li>{@code fashion-mnist:FOLDER}: IDX files, plain or gzip, under the published names; pooled
 *       and normalized as {@code fashion}.
 *   <li>{@code cifar10:FOLDER}: CIFAR-10's binary batches.
 *   <li>{@code imagenet:FOLDER}: known by name and look, so that sweeps over it can be counted; its
 *       images cannot be read.
 * </ul>
 *
 * The first two take options after a question mark, joined by {@code &}: {@code pool} (side of the
 * blocks that are averaged, 2; 1 keeps the images as they are), {@code mean} (0.283938) and {@code
 * std} (0.330826), for instance {@code fashion-mnist:/data/fashion?pool=1&mean=0.286&std=0.353}.
 * Relative folders start at the working directory.
 */
public final class Datasets {
  private static final List<String> SCHEMES = List.of("cifar10", "fashion", "fashion-mnist");
  private static final String IMAGENET = "imagenet";

  private Datasets() {}

  /**
   * What data look like.
   *
   * @param classNames in label order
   * @param imageShape {@code (channel, height, width)}
   */
  public record Look(List<String> classNames, Shape imageShape) {
    public Look {
      classNames = List.copyOf(classNames);
    }
  }

  /** Names of everything that {@link #open} can open. */
  public static List<String> schemes() {
    return SCHEMES;
  }

  /**
   * Whether the folder that the data lie in is absent, or nothing here can read what lies in it.
   *
   * @throws BadInput where the text cannot be understood
   */
  public static boolean isAbsent(String text) {
    DataSpec spec = DataSpec.parse(text);
    return spec.scheme().equals(IMAGENET)
        || (SCHEMES.contains(spec.scheme())
            && !spec.folder().isEmpty()
            && !Files.exists(WorkingFolder.path(spec.folder())));
  }

  /**
   * What published data of this name look like, whether or not they are here.
   *
   * @throws BadInput an unknown scheme or option
   */
  public static Look look(String text) {
    DataSpec spec = DataSpec.parse(text);
    return switch (spec.scheme()) {
      case "cifar10" -> Cifar10.look(spec);
      case "fashion", "fashion-mnist" -> FashionMnist.look(spec);
      case IMAGENET -> ImageNet.look(spec);
      default -> throw unknown(spec);
    };
  }

  private static BadInput unknown(DataSpec spec) {
    return new BadInput(
        Names.unknown("data", spec.scheme(), SCHEMES)
            + " (as in fashion, fashion-mnist:FOLDER or cifar10:FOLDER)");
  }

  /**
   * The same data named so that the name holds from any working directory: its folder absolute.
   *
   * @throws BadInput where it cannot be understood
   */
  public static String absolute(String text) {
    DataSpec spec = DataSpec.parse(text);
    if (spec.folder().isEmpty()) {
      return text;
    }
    return text.replaceFirst(
        Pattern.quote(spec.folder()), Matcher.quoteReplacement(spec.existingFolder().toString()));
  }

  /**
   * Checks that the data are there and that file sizes and headers are right, but reads no image
   * yet. Every call opens anew; share the source to share its memory.
   *
   * @throws BadInput an unknown scheme or option, a missing folder or file, a file that is broken
   */
  public static DataSource open(String text) {
    DataSpec spec = DataSpec.parse(text);
    return switch (spec.scheme()) {
      case "cifar10" -> Cifar10.open(spec);
      case "fashion" -> FashionMnist.openBundled(spec);
      case "fashion-mnist" -> FashionMnist.openFolder(spec);
      case IMAGENET -> throw ImageNet.unreadable(spec);
      default -> throw unknown(spec);
    };
  }
}
