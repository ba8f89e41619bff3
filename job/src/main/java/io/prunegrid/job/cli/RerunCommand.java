package io.prunegrid.job.cli;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.job.sweep.Plan;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code prunegrid rerun}. */
@Command(
    name = "rerun",
    mixinStandardHelpOptions = true,
    description = {
      "Runs cells of a sweep once more that failed by themselves, and nothing else.",
      "run leaves them alone, because the same configuration would fail the same way; this tries"
          + " them again after what was wrong around them has been mended."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every cell is finished",
      "1:an internal error",
      "2:something is wrong with what was asked",
      "3:some cells are not finished; the reasons are in the table attempts"
    },
    footer = {
      "",
      "Examples:",
      "  prunegrid rerun --status failed sweep.conf",
      "  prunegrid rerun --status failed sweep.conf --set time-limit=2h"
    })
final class RerunCommand extends RunCommand {
  private static final List<String> STATUSES = List.of("failed");

  @Option(
      names = "--status",
      paramLabel = "STATUS",
      required = true,
      description =
          "failed: cells whose last attempt failed, and those that need shared work that did.")
  private String status;

  @Override
  public Integer call() throws InterruptedException {
    if (!STATUSES.contains(status)) {
      throw new BadInput("--status: " + Names.unknown("status", status, STATUSES));
    }
    return super.call();
  }

  @Override
  Plan chosen(Plan missing, Set<String> failedBefore) {
    Plan chosen = missing.only(failedBefore);
    if (chosen.cells().isEmpty()) {
      say("no cell failed before; run does what is missing");
    } else if (chosen.cells().size() < missing.cells().size()) {
      int others = missing.cells().size() - chosen.cells().size();
      say(others + " other cells are missing and left to run");
    }
    return chosen;
  }
}
