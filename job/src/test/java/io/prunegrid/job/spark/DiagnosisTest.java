package io.prunegrid.job.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.schedule.Event;
import io.prunegrid.job.schedule.FailureKind;
import io.prunegrid.runtime.DeviceFault;
import io.prunegrid.train.DivergedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class DiagnosisTest {
  @Test
  void theErrorAndItsCausesSayWhoseFaultItIs() {
    assertThat(Diagnosis.of(new IllegalStateException("no such layer")))
        .isEqualTo(FailureKind.CELL);
    assertThat(Diagnosis.of(new StackOverflowError())).isEqualTo(FailureKind.CELL);
    assertThat(Diagnosis.of(new BadInput("no images"))).isEqualTo(FailureKind.CELL);
    assertThat(Diagnosis.of(new BadInput("no data", new IOException("no file"))))
        .isEqualTo(FailureKind.CELL);
    assertThat(Diagnosis.of(new CompletionException(new DivergedException("the loss is NaN", 1))))
        .isEqualTo(FailureKind.NOT_A_NUMBER);
    assertThat(Diagnosis.of(new OutOfMemoryError("Java heap space"))).isEqualTo(FailureKind.MEMORY);
    assertThat(
            Diagnosis.of(
                new IllegalStateException(
                    "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't"
                        + " allocate memory: you tried to allocate 67108864 bytes.")))
        .isEqualTo(FailureKind.MEMORY);
    assertThat(Diagnosis.of(new RuntimeException("CUDA out of memory. Tried to allocate 20 MiB")))
        .isEqualTo(FailureKind.MEMORY);
    assertThat(Diagnosis.of(new UncheckedIOException(new IOException("No space left on device"))))
        .isEqualTo(FailureKind.INFRASTRUCTURE);
    assertThat(Diagnosis.of(new DeviceFault("wrong"))).isEqualTo(FailureKind.DEVICE);
  }

  @Test
  void aCircleOfCausesIsFollowedOnlySoFar() {
    IllegalStateException one = new IllegalStateException("one");
    IllegalStateException other = new IllegalStateException("other", one);
    one.initCause(other);
    assertThat(Diagnosis.of(one)).isEqualTo(FailureKind.CELL);
  }

  @Test
  void whatTheDriverTellsATaskComesBackAsItsFailure() {
    String text = KillReason.text(FailureKind.TIME_LIMIT, "it took longer than 5 seconds");
    assertThat(KillReason.failure(text))
        .hasValueSatisfying(
            failure -> {
              assertThat(failure.kind()).isEqualTo(FailureKind.TIME_LIMIT);
              assertThat(failure.message()).isEqualTo("it took longer than 5 seconds");
            });
    assertThat(KillReason.failure("Stage cancelled")).isEmpty();
  }

  @Test
  void whoEndedAProcessShowsInSparksReason() {
    assertThat(ExecutorWatch.blame("Command exited with code 137")).isEqualTo(Event.Blame.SIGNAL);
    assertThat(ExecutorWatch.blame("Container exit status: 143.")).isEqualTo(Event.Blame.SIGNAL);
    assertThat(ExecutorWatch.blame("Command exited with code 134")).isEqualTo(Event.Blame.UNKNOWN);
    assertThat(ExecutorWatch.blame("Executor heartbeat timed out")).isEqualTo(Event.Blame.UNKNOWN);
    assertThat(ExecutorWatch.blame("Executor decommission: worker gone"))
        .isEqualTo(Event.Blame.OUTSIDE);
  }

  @Test
  void exitCodesAreExplained() {
    assertThat(ExitCodes.explained("Command exited with code 137"))
        .startsWith("Command exited with code 137 (killed from outside");
    assertThat(ExitCodes.explained("Command exited with code 9"))
        .isEqualTo("Command exited with code 9");
    assertThat(ExitCodes.explained("worker lost")).isEqualTo("worker lost");
  }
}
