package io.prunegrid.job.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.schedule.Decision.Company;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GridSchedulerTest {
  private static final Policy QUICK =
      new Policy(
          2,
          2,
          Duration.ofSeconds(1),
          Duration.ofSeconds(10),
          3,
          Policy.OnFailure.GO_ON,
          0,
          Duration.ofSeconds(60),
          100,
          Duration.ofSeconds(30));

  private Scheduler scheduler;
  private final List<Decision> decisions = new ArrayList<>();
  private long now;
  private long tasks;

  private void begin(Policy policy, Workload work) {
    scheduler = new GridScheduler(work, policy);
    tell(new Event.Tick(now));
  }

  private static Workload alone(int items, double limitSeconds) {
    Workload.Builder work = Workload.builder();
    IntStream.range(0, items).forEach(i -> work.add(i, 1, limitSeconds));
    return work.build();
  }

  private Decision.Answer tell(Event event) {
    List<Decision> decided = scheduler.on(event);
    decisions.addAll(decided);
    return decided.stream()
        .filter(Decision.Answer.class::isInstance)
        .map(Decision.Answer.class::cast)
        .findFirst()
        .orElse(null);
  }

  private void join(String executor, int slots) {
    tell(new Event.Joined(now, executor, "host of " + executor, slots));
  }

  /** A new task asks on an executor. */
  private Decision.Answer ask(String executor) {
    return tell(new Event.Asked(now, tasks++, -1, executor));
  }

  /** A new task on an executor gets items and begins the first; its number. */
  private Decision.Give start(String executor) {
    Decision.Give give = (Decision.Give) ask(executor);
    Decision.Answer answer = tell(new Event.Began(now, give.task(), give.items().get(0)));
    assertThat(answer).isInstanceOf(Decision.Go.class);
    return give;
  }

  private void finish(Decision.Give give) {
    int item = give.items().get(0);
    assertThat(tell(new Event.Finished(now, give.task(), item, 1)))
        .isEqualTo(new Decision.Take(give.task(), item));
    tell(new Event.Ended(now, give.task(), "done"));
  }

  private Decision.Answer fail(Decision.Give give, FailureKind kind, String signature) {
    Decision.Answer answer =
        tell(new Event.Failed(now, give.task(), give.items().get(0), kind, 1, signature));
    tell(new Event.Ended(now, give.task(), "done"));
    return answer;
  }

  private <T> List<T> all(Class<T> type) {
    return decisions.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Test
  void aKillerIsConfirmedAloneAndNeighboursAreCleared() {
    begin(QUICK, alone(3, 0));
    join("a", 2);
    join("b", 2);
    Decision.Give killer = start("a");
    Decision.Give neighbour = start("a");
    Decision.Give other = start("b");
    tell(new Event.Lost(now, "a", Event.Blame.UNKNOWN, "exit 137"));
    assertThat(all(Decision.Retry.class))
        .extracting(Decision.Retry::item)
        .containsExactlyInAnyOrder(killer.items().get(0), neighbour.items().get(0));

    assertThat(ask("b")).as("b is busy").isInstanceOf(Decision.Wait.class);
    long waiting = tasks - 1;
    finish(other);
    Decision.Give first = (Decision.Give) tell(new Event.Asked(now, waiting, -1, "b"));
    assertThat(first.company()).isEqualTo(Company.NONE);
    assertThat(ask("b")).as("nothing beside a suspect").isInstanceOf(Decision.Wait.class);
    tell(new Event.Began(now, first.task(), first.items().get(0)));
    tell(new Event.Lost(now, "b", Event.Blame.UNKNOWN, "exit 137"));
    assertThat(all(Decision.GiveUp.class))
        .extracting(Decision.GiveUp::item, Decision.GiveUp::kind, Decision.GiveUp::attempt)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                first.items().get(0), FailureKind.EXECUTOR_LOST, 1));

    join("c", 2);
    Decision.Give second = start("c");
    assertThat(second.company()).isEqualTo(Company.NONE);
    finish(second);
    assertThat(scheduler.isDone()).isTrue();
  }

  @Test
  void aSuspectStaysOneWhateverElseFailsMeanwhile() {
    begin(QUICK, alone(2, 0));
    join("a", 2);
    start("a");
    start("a");
    tell(new Event.Lost(now, "a", Event.Blame.UNKNOWN, "exit 137"));
    join("b", 2);
    fail(start("b"), FailureKind.INFRASTRUCTURE, "no route to the store");
    now += 3_600_000;

    for (int suspect = 0; suspect < 2; suspect++) {
      Decision.Give again = start("b");
      assertThat(again.company()).isEqualTo(Company.NONE);
      finish(again);
    }
    assertThat(scheduler.isDone()).isTrue();
  }

  @Test
  void signalsFromOutsideAreForgivenTwiceMore() {
    begin(QUICK, alone(1, 0));
    for (String executor : List.of("a", "b", "c", "d")) {
      assertThat(all(Decision.GiveUp.class)).isEmpty();
      join(executor, 1);
      start(executor);
      tell(new Event.Lost(now, executor, Event.Blame.SIGNAL, "exited with code 137"));
    }
    assertThat(all(Decision.Retry.class)).hasSize(3);
    assertThat(all(Decision.GiveUp.class))
        .extracting(Decision.GiveUp::kind)
        .containsExactly(FailureKind.EXECUTOR_LOST);
  }

  @Test
  void itemsThatWereOnlyHandedOutAreNotSuspected() {
    Workload.Builder work = Workload.builder();
    IntStream.range(0, 40).forEach(i -> work.add(0, 1, 0));
    begin(QUICK, work.build());
    join("a", 1);
    finish(start("a"));
    Decision.Give bundle = start("a");
    assertThat(bundle.items()).hasSizeGreaterThan(5);
    tell(new Event.Lost(now, "a", Event.Blame.UNKNOWN, "gone"));
    assertThat(all(Decision.Retry.class)).hasSize(1);
    join("b", 1);
    assertThat(start("b").items()).containsExactly(bundle.items().get(0));
  }

  @Test
  void whatWasTakenAwayFromOutsideSuspectsNobody() {
    begin(QUICK, alone(1, 0));
    for (String executor : List.of("a", "b", "c", "d")) {
      join(executor, 1);
      assertThat(start(executor).company()).isEqualTo(Company.ANY);
      tell(new Event.Lost(now, executor, Event.Blame.OUTSIDE, "decommissioned"));
    }
    assertThat(all(Decision.GiveUp.class)).isEmpty();
  }

  @Test
  void infrastructureIsTriedAgainLaterEachTimeAndNotForEver() {
    begin(QUICK, alone(1, 0));
    join("a", 1);
    fail(start("a"), FailureKind.INFRASTRUCTURE, "disk");
    assertThat(ask("a")).isInstanceOf(Decision.Dismiss.class);
    now += 1000;
    fail(start("a"), FailureKind.INFRASTRUCTURE, "disk");
    now += 1000;
    assertThat(ask("a")).isInstanceOf(Decision.Dismiss.class);
    now += 1000;
    fail(start("a"), FailureKind.INFRASTRUCTURE, "disk");
    assertThat(all(Decision.Retry.class))
        .extracting(Decision.Retry::notBefore)
        .containsExactly(1000L, 3000L);
    assertThat(all(Decision.GiveUp.class))
        .containsExactly(new Decision.GiveUp(0, -1, FailureKind.INFRASTRUCTURE, "disk"));
    assertThat(scheduler.isDone()).isTrue();
  }

  @Test
  void aPauseThatIsOverBringsATaskByItself() {
    begin(QUICK, alone(1, 0));
    join("a", 1);
    fail(start("a"), FailureKind.INFRASTRUCTURE, "disk");
    tell(new Event.Withdrawn(now, 0, 100));
    decisions.clear();
    tell(new Event.Tick(now + 999));
    assertThat(decisions).isEmpty();
    tell(new Event.Tick(now + 1000));
    assertThat(all(Decision.Submit.class)).hasSize(1);
  }

  @Test
  void theItemsOwnErrorIsNotTriedAgainAndBlocksWhatNeedsIt() {
    Workload.Builder work = Workload.builder();
    work.add(0, 1, 0);
    work.add(1, 1, 0, 0);
    work.add(2, 1, 0, 1);
    begin(QUICK, work.build());
    join("a", 1);
    fail(start("a"), FailureKind.NOT_A_NUMBER, "loss");
    assertThat(all(Decision.GiveUp.class)).hasSize(1);
    assertThat(all(Decision.Block.class)).containsExactly(new Decision.Block(0, List.of(1, 2)));
    assertThat(scheduler.isDone()).isTrue();
  }

  @Test
  void whatTakesTooLongIsKilledAndItsSlotIsGivenUpWhereItStays() {
    begin(QUICK, alone(3, 5));
    join("a", 2);
    Decision.Give slow = start("a");
    now = 4999;
    tell(new Event.Tick(now));
    assertThat(all(Decision.Kill.class)).isEmpty();
    now = 5000;
    tell(new Event.Tick(now));
    assertThat(all(Decision.Kill.class))
        .extracting(Decision.Kill::task)
        .containsExactly(slow.task());
    now = 35_000;
    tell(new Event.Tick(now));
    assertThat(all(Decision.Abandon.class)).hasSize(1);
    assertThat(all(Decision.GiveUp.class))
        .extracting(Decision.GiveUp::kind)
        .containsExactly(FailureKind.TIME_LIMIT);
    finish(start("a"));
    finish(start("a"));
    assertThat(scheduler.isDone()).isTrue();
  }

  @Test
  void whoeverDiesWithAKilledTaskIsInnocent() {
    begin(QUICK, alone(2, 5));
    join("a", 2);
    Decision.Give slow = start("a");
    now = 4000;
    Decision.Give neighbour = start("a");
    now = 5000;
    tell(new Event.Tick(now));
    tell(new Event.Lost(now, "a", Event.Blame.UNKNOWN, "the reaper"));
    assertThat(all(Decision.GiveUp.class))
        .extracting(Decision.GiveUp::item, Decision.GiveUp::kind)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(slow.items().get(0), FailureKind.TIME_LIMIT));
    join("b", 1);
    Decision.Give again = start("b");
    assertThat(again.items()).isEqualTo(neighbour.items());
    assertThat(again.company()).isEqualTo(Company.ANY);
  }

  @Test
  void aHostThatFailsEverythingIsExcludedAndItsLastFailuresGoElsewhere() {
    begin(QUICK, alone(8, 0));
    join("good", 1);
    join("bad", 1);
    finish(start("good"));
    for (int i = 0; i < 3; i++) {
      Decision.Give failing = start("bad");
      if (i < 2) {
        finish(start("good"));
      }
      fail(failing, FailureKind.CELL, "no libgomp");
    }
    assertThat(all(Decision.Exclude.class))
        .extracting(Decision.Exclude::host)
        .containsExactly("host of bad");
    assertThat(ask("bad")).isInstanceOf(Decision.Wait.class);
    while (!scheduler.isDone()) {
      finish(start("good"));
    }
    assertThat(all(Decision.Take.class)).hasSize(8 + 3);
  }

  @Test
  void aHostThatFailsEverythingBeforeOthersFinishAnythingLosesNoItem() {
    begin(QUICK.withSameFailures(4), alone(8, 0));
    join("good", 1);
    join("bad", 1);
    Decision.Give slow = start("good");
    for (int i = 0; i < 7; i++) {
      fail(start("bad"), FailureKind.CELL, "no libgomp");
    }
    assertThat(all(Decision.Stop.class)).as("another host may do better").isEmpty();
    finish(slow);
    assertThat(all(Decision.Exclude.class))
        .extracting(Decision.Exclude::host)
        .containsExactly("host of bad");
    while (!scheduler.isDone()) {
      finish(start("good"));
    }
    assertThat(all(Decision.Take.class)).hasSize(7 + 8);
  }

  @Test
  void aSweepThatFailsEverywhereExcludesNoHost() {
    begin(QUICK, alone(20, 0));
    join("a", 1);
    join("b", 1);
    for (int i = 0; i < 10; i++) {
      fail(start("a"), FailureKind.CELL, "typo");
      fail(start("b"), FailureKind.CELL, "typo");
    }
    assertThat(all(Decision.Exclude.class)).isEmpty();
    assertThat(all(Decision.GiveUp.class)).hasSize(20);
  }

  @Test
  void theRunStopsWhereTheFirstItemsFailAlikeAndOnlyThen() {
    begin(QUICK.withSameFailures(3), alone(9, 0));
    join("a", 1);
    fail(start("a"), FailureKind.CELL, "typo");
    fail(start("a"), FailureKind.CELL, "typo");
    assertThat(all(Decision.Stop.class)).isEmpty();
    fail(start("a"), FailureKind.CELL, "typo");
    assertThat(all(Decision.Stop.class)).hasSize(1);
    assertThat(scheduler.isDone()).isTrue();
    assertThat(ask("a")).isInstanceOf(Decision.Dismiss.class);

    decisions.clear();
    begin(QUICK.withSameFailures(3), alone(9, 0));
    join("a", 1);
    finish(start("a"));
    for (int i = 0; i < 8; i++) {
      fail(start("a"), FailureKind.CELL, "typo");
    }
    assertThat(all(Decision.Stop.class)).isEmpty();
  }

  @Test
  void failFastStopsAtTheFirst() {
    begin(QUICK.withOnFailure(Policy.OnFailure.STOP), alone(9, 0));
    join("a", 1);
    fail(start("a"), FailureKind.CELL, "typo");
    assertThat(all(Decision.Stop.class)).hasSize(1);
  }

  @Test
  void anExecutorWithoutItsDeviceGetsNothingAndCostsTheItemNoTry() {
    begin(QUICK, alone(1, 0));
    for (String executor : List.of("a", "b", "c", "d", "e")) {
      join(executor, 1);
    }
    for (String executor : List.of("a", "b", "c", "d")) {
      fail(start(executor), FailureKind.DEVICE, "no gpu:7");
      assertThat(ask(executor)).isInstanceOf(Decision.Wait.class);
    }
    assertThat(all(Decision.Refuse.class)).hasSize(4);
    finish(start("e"));
    assertThat(scheduler.isDone()).isTrue();
  }

  @Test
  void theRunStopsWhereNoExecutorHasItsDevice() {
    begin(QUICK, alone(1, 0));
    join("a", 1);
    tell(new Event.Refused(now, "a", "no gpu:7"));
    assertThat(all(Decision.Stop.class)).extracting(Decision.Stop::reason).hasSize(1);
  }

  @Test
  void memoryThatNeighboursMayHaveUsedUpIsTriedAlone() {
    begin(QUICK, alone(2, 0));
    join("a", 2);
    Decision.Give hungry = start("a");
    Decision.Give neighbour = start("a");
    fail(hungry, FailureKind.MEMORY, "heap");
    assertThat(all(Decision.GiveUp.class)).isEmpty();
    finish(neighbour);
    Decision.Give again = start("a");
    assertThat(again.company()).isEqualTo(Company.NONE);
    fail(again, FailureKind.MEMORY, "heap");
    assertThat(all(Decision.GiveUp.class)).hasSize(1);
  }

  @Test
  void messagesThatAreSentAgainChangeNothing() {
    begin(QUICK, alone(2, 0));
    join("a", 1);
    Decision.Give give = (Decision.Give) ask("a");
    int item = give.items().get(0);
    assertThat(tell(new Event.Asked(now, give.task(), -1, "a"))).isEqualTo(give);
    Decision.Answer go = tell(new Event.Began(now, give.task(), item));
    assertThat(tell(new Event.Began(now, give.task(), item))).isEqualTo(go);
    assertThat(tell(new Event.Finished(now, give.task(), item, 1)))
        .isInstanceOf(Decision.Take.class);
    assertThat(tell(new Event.Finished(now, give.task(), item, 1)))
        .isInstanceOf(Decision.Drop.class);
    assertThat(tell(new Event.Began(now, give.task(), item))).isInstanceOf(Decision.Leave.class);
  }

  @Test
  void whoWasTakenForDeadMayStillFinish() {
    begin(QUICK, alone(1, 0));
    join("a", 1);
    Decision.Give give = start("a");
    tell(new Event.Lost(now, "a", Event.Blame.UNKNOWN, "heartbeats stopped"));
    assertThat(tell(new Event.Finished(now, give.task(), give.items().get(0), 1)))
        .isInstanceOf(Decision.Take.class);
    assertThat(scheduler.isDone()).isTrue();
    join("b", 1);
    assertThat(ask("b")).isInstanceOf(Decision.Dismiss.class);
  }
}
