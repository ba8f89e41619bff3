package io.prunegrid.job.sweep;

import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Parameter;
import java.util.ArrayList;
import java.util.List;

/** Writes the reference of all keys from the lists that the reader goes by. */
public final class SweepReference {
  private SweepReference() {}

  /** The tables of {@code docs/sweep-reference.md}, as Markdown. */
  public static String tables() {
    StringBuilder page = new StringBuilder();
    List<Key<?>> run = new ArrayList<>(List.of(SweepKeys.NAME));
    run.addAll(RunKeys.PLAIN);
    section(page, "Sweep", "In the braces of `sweep`.", run);
    page.append(
        """
        | `data`, `models`, `subsets`, `methods`, `ratios`, `seeds`, `vary`, `zip`, `exclude`, \
        `only`, `train`, `retrain`, `head`, `samples`, `samples-per-class`, keys of selection | | | \
        see below |
        | `latency` | keys in braces | | time networks after the cells; see below |
        | `grids` | keys in braces by grid name | | named grids; each overrides what stands above |
        """);
    page.append(
        """

        ## Axes

        In `sweep` or in a grid. Every axis is a list without duplicates; a grid is their product, but \
        that zipped axes advance together.

        | key | entries | default | meaning |
        |---|---|---|---|
        | `models` | a name, or keys in braces | | the networks |
        | `subsets` | `all`, `"0,1,8,9"`, a list of classes, `{ name, classes }`, or a preset | `[all]` | \
        selected classes, by index or name, in order |
        | `methods` | a name, or keys in braces | | the criteria |
        | `ratios` | numbers in [0, 1); or a range in place of the list | | the share that is \
        removed |
        | `seeds` | whole numbers; or a range in place of the list | `[0]` | where every random \
        stream of a cell starts |
        | `vary` | `{ key = [values], ... }`, or a range in place of the list | | more axes: any \
        other key of a grid |
        | `zip` | lists of axes, `[[models, train.epochs], ...]` | | axes of one length that advance \
        together |
        | `exclude` | `{ axis = value, ... }` each | | cells that are left out; a sweep's rules and a \
        grid's own both hold |
        | `only` | `{ axis = value, ... }`, in `sweep` | | the cells that are kept |

        In `exclude` and `only` an axis is `model`, `subset`, `method`, `ratio`, `seed`, `grid`, a \
        varied key or a parameter of a method; \
        a value may be a list, names may hold `*` and `?`, numbers may follow `<`, `<=`, `>` or `>=`.
        """);
    section(page, "Grid", "In `sweep` or in a grid.", List.of(SweepKeys.DATA, SweepKeys.HEAD));
    section(
        page,
        "Models",
        "In an entry of `models`, beside `train`, `retrain`, keys of scoring and of selection, which"
            + " override the grid's for this model.",
        AxisKeys.MODEL);
    section(
        page,
        "Ranges",
        "In braces in place of the list of `ratios` or of a varied key.",
        AxisKeys.RANGE);
    section(page, "Seeds", "In braces in place of the list of `seeds`.", AxisKeys.SEED_RANGE);
    section(
        page,
        "Training",
        "In the braces of `train` and `retrain`, which a grid overrides key by key.",
        SweepKeys.TRAINING);
    section(page, "Latency", "In the braces of `latency` in `sweep`.", RunKeys.LATENCY_KEYS);
    section(
        page,
        "Scoring",
        "In `sweep`, in a grid or in an entry of `models` or `methods`. Where one stands further inside, it"
            + " replaces both.",
        SweepKeys.SCORING);
    section(
        page,
        "Selection",
        "In `sweep`, in a grid or in an entry of `models` or `methods`.",
        SweepKeys.SELECTION);
    page.append("\n## Methods\n\nIn an entry of `methods`, beside `name`.\n\n");
    page.append("| method | key | allowed | default | meaning |\n|---|---|---|---|---|\n");
    for (Criterion criterion : Criteria.all()) {
      row(page, "`" + criterion.name() + "`", "", "", "", criterion.summary());
      for (Parameter parameter : criterion.parameters()) {
        row(
            page,
            "`" + criterion.name() + "`",
            "`" + parameter.name() + "`",
            parameter.allowed(),
            "`" + parameter.defaultValue() + "`",
            parameter.doc());
      }
    }
    return page.toString();
  }

  private static void section(StringBuilder page, String title, String where, List<Key<?>> keys) {
    page.append(page.isEmpty() ? "" : "\n").append("## ").append(title).append("\n\n");
    page.append(where).append("\n\n| key | allowed | default | meaning |\n|---|---|---|---|\n");
    for (Key<?> key : keys) {
      row(
          page,
          "`" + key.name() + "`",
          key.kind().allowed(),
          key.spelledStandard().map(value -> "`" + value + "`").orElse(""),
          key.meaning());
    }
  }

  private static void row(StringBuilder page, String... cells) {
    page.append('|');
    for (String cell : cells) {
      page.append(' ').append(cell.replace("|", "\\|")).append(" |");
    }
    page.append('\n');
  }
}
