package io.runledger.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.fold.alert.AlertListener;
import io.runledger.fold.alert.AlertRule;
import io.runledger.fold.alert.AlertRules;
import io.runledger.fold.alert.CarriedFiring;
import io.runledger.fold.alert.Condition;
import io.runledger.fold.alert.Condition.MetricIs;
import io.runledger.fold.alert.Condition.NoValue;
import io.runledger.fold.alert.Condition.StatusBecomes;
import io.runledger.fold.alert.DueDelivery;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.alert.RunScope;
import io.runledger.fold.alert.RunScope.Part;
import io.runledger.fold.alert.ValueTest;
import io.runledger.fold.alert.ValueTest.Operator;
import io.runledger.fold.projection.Projection;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.event.RunEvent;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.DoublePredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What rules find: each cause once, however events come and whatever restarts. */
abstract class AlertContract extends OpenProjection {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final RunScope ALL = RunScope.ALL;
  private static final AlertRule FAILED = rule("failed", new StatusBecomes(RunStatus.FAILED));
  private static final AlertRule NAN =
      rule("nan", new MetricIs("loss", new ValueTest(Operator.IS_NAN, 0), 1));
  private static final AlertRule HIGH =
      rule("high", new MetricIs("loss", new ValueTest(Operator.ABOVE, 5), 3));
  private static final AlertRule STUCK = rule("stuck", new NoValue(Duration.ofMinutes(30)));

  private final Events job = Events.ofSeed(3);
  private final Heard heard = new Heard();

  /** The service's clock: attempt 1 of {@link Events} begins an hour after dawn. */
  private Instant now = Events.DAWN.plus(HOUR);

  private static AlertRule rule(String name, Condition condition) {
    return new AlertRule(name, condition, ALL);
  }

  private static final class Heard implements AlertListener {
    private int fired;
    private final List<String> failures = new ArrayList<>();

    @Override
    public void fired(int count) {
      fired += count;
    }

    @Override
    public void failed(String why) {
      failures.add(why);
    }
  }

  @BeforeEach
  void watch() {
    watch(FAILED, NAN, HIGH, STUCK);
  }

  private void watch(AlertRule... rules) {
    projection.watch(rules(rules));
  }

  private AlertRules rules(AlertRule... rules) {
    return new AlertRules(List.of(rules), List.of("chat", "mail"), HOUR, () -> now, heard);
  }

  private void apply(SpecificRecord... events) {
    Deliveries.deliver(projection, events);
  }

  private void restart() {
    projection.close();
    projection = database.open();
    watch();
    projection.claim(Deliveries.OWNER, List.of());
  }

  /** Rule, first number of the streak or status, and whether it still holds. */
  private List<String> firings() {
    return firings(projection.firingsSince(Instant.EPOCH).stream().map(CarriedFiring::firing));
  }

  private List<String> firings(long run) {
    return firings(
        projection.firingsSince(Instant.EPOCH).stream()
            .map(CarriedFiring::firing)
            .filter(firing -> firing.runId() == run));
  }

  private static List<String> firings(Stream<Firing> firings) {
    return firings
        .map(
            firing ->
                firing.rule()
                    + firing.status().map(status -> " " + status).orElse("")
                    + firing.point().map(point -> " " + point.firstSeq()).orElse("")
                    + (firing.isOpen() ? "" : " ended"))
        .sorted()
        .toList();
  }

  private List<Firing> due(String delivery) {
    return projection.dueDeliveries(delivery, now, 100).stream().map(DueDelivery::firing).toList();
  }

  @Test
  void aStatusFiresOnceForAnAttempt() {
    apply(job.started());
    apply(job.status(RunStatus.FAILED, StatusSource.JOB, 1));
    apply(job.status(RunStatus.COMPLETED, StatusSource.OPERATOR));
    restart();
    apply(job.status(RunStatus.FAILED, StatusSource.OPERATOR));

    assertThat(firings()).containsExactly("failed failed");
    assertThat(heard.fired).isEqualTo(1);
    assertThat(due("chat")).hasSize(1);
  }

  @Test
  void anotherAttemptIsAnotherCauseAndEndsWhatWasFoundOfTheOneBefore() {
    apply(job.started(), job.status(RunStatus.FAILED, StatusSource.JOB, 1));
    Events second = job.attempt(2);
    apply(second.started());
    assertThat(firings()).containsExactly("failed failed ended");

    now = now.plus(HOUR);
    apply(second.status(RunStatus.FAILED, StatusSource.JOB, 1));

    assertThat(firings()).containsExactly("failed failed", "failed failed ended");
  }

  @Test
  void aStatusThatIsOvertakenInTheSameBatchFiresToo() {
    Events second = job.attempt(2);

    apply(job.started(), job.status(RunStatus.FAILED, StatusSource.JOB, 1), second.started());

    assertThat(firings()).containsExactly("failed failed ended");
  }

  @Test
  void aValueThatIsNotANumberFiresOnceForAStreakAndAgainAfterItsEnd() {
    apply(job.started(), job.metric("loss", 0, 0.5), job.metric("loss", 1, Double.NaN));
    apply(job.metric("loss", 2, Double.NaN));
    restart();
    apply(job.metric("loss", 3, Double.NaN));
    assertThat(firings()).containsExactly("nan 1");

    apply(job.metric("loss", 4, 0.5), job.metric("loss", 5, Double.NaN));

    assertThat(firings()).containsExactly("nan 1 ended", "nan 5");
    assertThat(due("chat")).hasSize(2);
  }

  @Test
  void aStreakIsCountedOverBatchesAndRestarts() {
    apply(job.started(), job.metric("loss", 0, 9));
    restart();
    apply(job.metric("loss", 1, 9));
    restart();
    assertThat(firings()).isEmpty();

    apply(job.metric("loss", 2, 9));
    restart();
    apply(job.metric("loss", 3, 9));

    assertThat(firings()).containsExactly("high 0");
    Firing.Point point = due("mail").get(0).point().orElseThrow();
    assertThat(point.step()).isEqualTo(2);
    assertThat(point.value()).isEqualTo(9);
  }

  @Test
  void aStreakThatIsBrokenBeginsAgain() {
    apply(job.started(), job.metric("loss", 0, 9), job.metric("loss", 1, 9));
    apply(job.metric("loss", 2, 1), job.metric("loss", 3, 9), job.metric("loss", 4, 9));

    assertThat(firings()).isEmpty();
  }

  @Test
  void eventsThatComeAgainOrLateChangeNothing() {
    SpecificRecord low = job.metric("loss", 0, 1);
    SpecificRecord high =
        job.metrics(
            Events.call(1, Map.of("loss", 9.0)),
            Events.call(2, Map.of("loss", 9.0)),
            Events.call(3, Map.of("loss", 9.0)));
    SpecificRecord end = job.metric("loss", 4, 1);
    SpecificRecord afterwards = job.metric("loss", 5, 9);
    apply(job.started(), high);
    apply(low, high);
    apply(afterwards, high, end);
    apply(end, high, low);

    assertThat(firings()).containsExactly("high 1");
    assertThat(heard.fired).isEqualTo(1);
  }

  @Test
  void howeverValuesComeTheStreaksAreThoseOfAllOfThem() {
    Random random = new Random(20_261_129);
    double[] kinds = {1, 9, 9, 9, Double.NaN, Double.NaN};
    for (int history = 0; history < 10; history++) {
      Events of = Events.ofSeed(100 + history);
      double[] values = random.ints(40, 0, kinds.length).mapToDouble(i -> kinds[i]).toArray();
      List<SpecificRecord> sent = new ArrayList<>(List.of(of.started()));
      for (int i = 0; i < values.length; i++) {
        sent.add(of.metric("loss", i, values[i]));
      }
      for (int from = 0; from < sent.size(); ) {
        int to = Math.min(sent.size(), from + 1 + random.nextInt(9));
        List<SpecificRecord> batch = new ArrayList<>(sent.subList(from, to));
        // Some come again, in any order.
        for (int again = random.nextInt(5); again > 0; again--) {
          batch.add(random.nextInt(batch.size() + 1), sent.get(random.nextInt(to)));
        }
        inOrder(batch, sent);
        apply(batch.toArray(new SpecificRecord[0]));
        if (random.nextInt(4) == 0) {
          restart();
        }
        from = to;
      }

      List<String> expected = new ArrayList<>();
      expected.addAll(streaks("high", values, value -> value > 5, 3));
      expected.addAll(streaks("nan", values, Double::isNaN, 1));
      assertThat(firings(of.run().value()))
          .as(Arrays.toString(values))
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  /** Puts what is new into the order in which it was sent; a late value is not looked at. */
  private static void inOrder(List<SpecificRecord> batch, List<SpecificRecord> sent) {
    batch.sort(Comparator.comparingInt(sent::indexOf));
  }

  private static List<String> streaks(
      String rule, double[] values, DoublePredicate passes, int points) {
    List<String> streaks = new ArrayList<>();
    int first = 0;
    for (int i = 0; i <= values.length; i++) {
      if (i == values.length || !passes.test(values[i])) {
        if (i - first >= points) {
          streaks.add(rule + " " + first + (i == values.length ? "" : " ended"));
        }
        first = i + 1;
      }
    }
    return streaks;
  }

  @Test
  void aRuleThatComesLaterFindsTheBeginningOfAStreak() {
    watch(FAILED);
    SpecificRecord[] values = new SpecificRecord[2_500];
    values[0] = job.metric("loss", 0, 1);
    for (int i = 1; i < values.length; i++) {
      values[i] = job.metric("loss", i, 9);
    }
    apply(job.started());
    apply(values);
    restart();

    apply(job.metric("loss", values.length, 9));

    assertThat(firings()).containsExactly("high 1");
  }

  @Test
  void aStreakThatEndedWhileNothingWasEvaluatedIsNotTakenForTheNext() {
    apply(job.started(), job.metric("loss", 0, Double.NaN));
    watch(FAILED);
    apply(job.metric("loss", 1, 0.5));
    restart();

    apply(job.metric("loss", 2, Double.NaN));

    assertThat(firings()).containsExactly("nan 0 ended", "nan 2");
  }

  @Test
  void eachWriterHasItsOwnStreak() {
    Events other = job.writer(2);

    apply(job.started(), job.metric("loss", 0, 9), other.metric("loss", 0, 9));
    apply(job.metric("loss", 1, 9), other.metric("loss", 1, 9));
    assertThat(firings()).isEmpty();
    apply(job.metric("loss", 2, 9), other.metric("loss", 2, 1));

    assertThat(firings()).containsExactly("high 0");
  }

  @Test
  void pointsThatANewerAttemptSupersededAreNotLookedAt() {
    apply(job.started(), job.metric("loss", 10, 9), job.metric("loss", 11, 9));
    apply(job.attempt(2).resumedFrom(5));

    apply(job.metric("loss", 12, 9), job.metric("loss", 13, 9), job.metric("loss", 14, 9));

    assertThat(firings()).isEmpty();
  }

  @Test
  void whatIsTooOldIsRecordedAndNotDelivered() {
    now = Events.DAWN.plus(HOUR).plus(HOUR).plusSeconds(3);
    apply(job.started(), job.status(RunStatus.FAILED, StatusSource.JOB, 1));
    apply(job.metric("loss", 0, Double.NaN));

    assertThat(firings()).containsExactly("failed failed", "nan 0");
    assertThat(due("chat")).isEmpty();
    assertThat(projection.firingsSince(Instant.EPOCH))
        .allSatisfy(firing -> assertThat(firing.firing().isLate()).isTrue());
  }

  @Test
  void aRuleIsAboutTheRunsOfItsScope() {
    watch(
        new AlertRule(
            "mine", FAILED.condition(), new RunScope(Map.of(Part.METHOD, "cnn", Part.SEED, "3"))),
        new AlertRule("nan of mine", NAN.condition(), new RunScope(Map.of(Part.SEED, "3"))));
    Events other = Events.ofSeed(4);

    apply(job.metric("loss", 0, Double.NaN), other.metric("loss", 0, Double.NaN));
    assertThat(firings()).isEmpty();
    apply(job.started(), other.started());
    apply(
        job.status(RunStatus.FAILED, StatusSource.JOB, 1),
        other.status(RunStatus.FAILED, StatusSource.JOB, 1));

    assertThat(firings()).containsExactly("mine failed", "nan of mine 0");
    assertThat(due("chat")).allMatch(firing -> firing.runId() == job.run().value());
  }

  @Test
  void aDeletedRunFiresNothing() {
    apply(job.started(), job.deleted());
    apply(job.status(RunStatus.FAILED, StatusSource.JOB, 1), job.metric("loss", 0, Double.NaN));

    assertThat(firings()).isEmpty();
  }

  @Test
  void aRunThatLogsNoValueFiresOnceUntilAValueComes() {
    now = Events.DAWN.plusSeconds(30);
    apply(job.started(), job.metric("loss", 0, 0.5));
    lookAfter(Duration.ofMinutes(29));
    assertThat(firings()).isEmpty();

    lookAfter(Duration.ofMinutes(1));
    lookAfter(Duration.ofMinutes(1));
    restart();
    lookAfter(Duration.ofMinutes(1));
    assertThat(firings()).containsExactly("stuck");

    apply(job.metric("system/gpu", 2_000, 1));
    assertThat(firings()).containsExactly("stuck");
    apply(job.metric("loss", 2_001, 0.5));
    assertThat(firings()).containsExactly("stuck ended");
    now = Events.DAWN.plusSeconds(2_001);
    lookAfter(Duration.ofMinutes(31));
    assertThat(firings()).containsExactly("stuck", "stuck ended");
    assertThat(heard.fired).isEqualTo(2);
  }

  private void lookAfter(Duration time) {
    now = now.plus(time);
    projection.lookForSilence();
  }

  @Test
  void aRunThatNeverLoggedAValueIsSilentFromItsStart() {
    apply(job.started());
    lookAfter(Duration.ofMinutes(29));
    assertThat(firings()).isEmpty();

    lookAfter(Duration.ofMinutes(1));

    assertThat(firings()).containsExactly("stuck");
  }

  @Test
  void aRunBehindManyOfWhichNothingIsKnownIsMissedAllTheSame() {
    List<RunEvent> others =
        IntStream.range(1000, 5000)
            .mapToObj(Events::ofSeed)
            .filter(other -> other.run().value() < job.run().value())
            .limit(300)
            .map(other -> other.status(RunStatus.RUNNING, StatusSource.JOB))
            .toList();
    assertThat(others).as("more than are asked about in one look").hasSize(300);
    apply(others.toArray(SpecificRecord[]::new));
    apply(job.started());

    lookAfter(Duration.ofMinutes(30));
    lookAfter(Duration.ofMinutes(1));
    lookAfter(Duration.ofMinutes(1));

    assertThat(firings()).containsExactly("stuck");
  }

  @Test
  void aPauseEndsWithItsRun() {
    apply(job.started());
    lookAfter(Duration.ofMinutes(30));
    assertThat(firings()).containsExactly("stuck");

    apply(job.completed());

    assertThat(firings()).containsExactly("stuck ended");
  }

  @Test
  void onlyRunningRunsAreMissed() {
    apply(job.started(), job.metric("loss", 0, 0.5), job.completed());
    apply(Events.ofSeed(4).metric("loss", 0, 0.5));

    lookAfter(Duration.ofMinutes(45));

    assertThat(firings()).isEmpty();
  }

  @Test
  void aValueThatSwingsAroundItsBoundFiresAHundredTimes() {
    apply(job.started());
    for (int i = 0; i < 300; i += 2) {
      apply(job.metric("loss", i, Double.NaN), job.metric("loss", i + 1, 0));
    }

    assertThat(firings()).hasSize(100).allMatch(firing -> firing.endsWith("ended"));
  }

  @Test
  void aDeliveryWaitsUntilItSucceedsOrIsGivenUp() throws SQLException {
    apply(job.started(), job.status(RunStatus.FAILED, StatusSource.JOB, 1));
    Firing firing = due("chat").get(0);
    assertThat(projection.pendingDeliveries()).isEqualTo(2);

    projection.notDelivered(firing, "chat", "It answered 500.", Optional.of(now.plusSeconds(10)));
    assertThat(due("chat")).isEmpty();
    assertThat(projection.nextDelivery("chat")).contains(now.plusSeconds(10));
    restart();
    now = now.plusSeconds(10);
    DueDelivery again = projection.dueDeliveries("chat", now, 10).get(0);
    assertThat(again.tries()).isEqualTo(1);
    assertThat(again.firing()).isEqualTo(firing);
    assertThat(again.run().orElseThrow().parts()).containsEntry(Part.METHOD, "cnn");

    projection.delivered(firing, "chat", now);
    projection.notDelivered(firing, "mail", "It is gone.", Optional.empty());

    assertThat(projection.pendingDeliveries()).isZero();
    assertThat(projection.nextDelivery("mail")).isEmpty();
    assertThat(
            Tables.rows(
                database, "SELECT delivery, state, tries FROM alert_deliveries ORDER BY delivery"))
        .containsExactly("chat|delivered|2", "mail|failed|1");
  }

  @Test
  void whoIsNoLongerThereIsNotWaitedFor() throws SQLException {
    apply(job.started(), job.status(RunStatus.FAILED, StatusSource.JOB, 1));

    projection.giveUpDeliveriesBut(List.of("mail", "another"));

    assertThat(projection.pendingDeliveries()).isEqualTo(1);
    assertThat(
            Tables.row(
                database, "SELECT state, last_error FROM alert_deliveries WHERE delivery = 'chat'"))
        .isEqualTo("failed|The file of rules no longer has it.");
  }

  @Test
  void anotherGenerationTakesFiringsOverAndFiresNothingAgain() {
    SpecificRecord start = job.started();
    SpecificRecord first = job.metric("loss", 0, Double.NaN);
    SpecificRecord second = job.metric("loss", 1, 0.5);
    SpecificRecord third = job.metric("loss", 2, Double.NaN);
    SpecificRecord failed = job.status(RunStatus.FAILED, StatusSource.JOB, 1);
    TestDatabase rebuilt = database(directory, "rebuilt");
    try (Projection next = Deliveries.open(rebuilt)) {
      // It was read up to the first value when the others came to the old one.
      Deliveries.deliver(next, start, first);
      apply(start, first);
      apply(second, third, failed);
      projection.delivered(due("chat").get(0), "chat", now);
      List<CarriedFiring> before = projection.firingsSince(Instant.EPOCH);
      next.carryFirings(before);

      next.watch(rules(FAILED, NAN, HIGH, STUCK));
      heard.fired = 0;
      Deliveries.deliver(next, second, third, failed);

      assertThat(heard.fired).isZero();
      assertThat(next.firingsSince(Instant.EPOCH)).containsExactlyInAnyOrderElementsOf(before);
      assertThat(next.pendingDeliveries()).isEqualTo(projection.pendingDeliveries());
      assertThat(database.differencesFrom(rebuilt)).isEmpty();
    }
  }

  @Test
  void withoutRulesNothingFires() {
    projection.close();
    projection = database.open();
    projection.claim(Deliveries.OWNER, List.of());

    apply(job.started(), job.metric("loss", 0, Double.NaN));
    projection.lookForSilence();

    assertThat(firings()).isEmpty();
  }
}
