package io.prunegrid.job.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.spark.WorkerSettings.KeptModels;
import java.util.List;
import org.junit.jupiter.api.Test;

class CellTaskTest {
  /** Its process may have been lost because of one of its criteria. */
  @Test
  void aPassThatDidNotEndIsLeftAndNothingIsOpenedForIt() throws InterruptedException {
    CellTask task =
        new CellTask(
            new WorkerSettings(
                "sweep", "/no/such", List.of("/no/such"), KeptModels.NONE, 1, "none", Gpus.NONE));

    assertThat(
            task.runAgain(new WorkItem("key", CellTask.PASS, "pass", new PassWorkItem(List.of()))))
        .isEmpty();
  }
}
