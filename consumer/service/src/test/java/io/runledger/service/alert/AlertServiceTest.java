package io.runledger.service.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.alert.AlertRule;
import io.runledger.fold.alert.Condition;
import io.runledger.fold.alert.RunScope;
import io.runledger.fold.batch.Decoded;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.service.database.LedgerTemplate;
import io.runledger.service.database.LiveProjection;
import io.runledger.service.health.AlertCounter;
import io.runledger.sqlite.SqliteLocation;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rules over a real database, and what they find on its way to a real receiver. */
@Timeout(60)
class AlertServiceTest {

  private static final AlertRule FAILED =
      new AlertRule("failed", new Condition.StatusBecomes(RunStatus.FAILED), RunScope.ALL);
  private static final AlertRule STUCK =
      new AlertRule("stuck", new Condition.NoValue(Duration.ofMinutes(30)), RunScope.ALL);

  @TempDir private Path directory;
  private final Receiver receiver = new Receiver();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Events.DAWN.plus(Duration.ofHours(1)));
  private LiveProjection projection;
  private AlertService service;

  @BeforeEach
  void start() throws InterruptedException {
    Path database = directory.resolve("ledger.db");
    LedgerTemplate.EMPTY.copyTo(database);
    open(new Webhook("webhook", receiver.uri(), Optional.empty()));
  }

  private void open(Target... targets) {
    projection = LiveProjection.open(new SqliteLocation(directory.resolve("ledger.db")));
    projection.claim(Deliveries.OWNER, Deliveries.beginnings());
    service = service(AlertCounter.NONE, now::get, targets);
  }

  private AlertService service(AlertCounter counter, InstantSource clock, Target... targets) {
    return AlertService.start(
        new AlertFile(List.of(FAILED, STUCK), List.of(targets)),
        Duration.ofHours(1),
        projection,
        counter,
        clock);
  }

  @AfterEach
  void stop() {
    service.close();
    projection.close();
    receiver.close();
  }

  private void apply(SpecificRecord... events) {
    projection.apply(
        Deliveries.batch(
            projection.positions(),
            Arrays.stream(events).map(event -> (Decoded) new Decoded.Event(event)).toList()));
  }

  private void aRunFails(long seed) {
    Events job = Events.ofSeed(seed);
    apply(job.started(), job.status(RunStatus.FAILED, StatusSource.JOB, 1));
  }

  @Test
  void whatARuleFindsReachesTheReceiverOnce() {
    aRunFails(1);

    await().until(() -> receiver.received.size() == 1);
    await().until(() -> projection.pendingDeliveries() == 0);
    service.close();
    projection.close();
    open(new Webhook("webhook", receiver.uri(), Optional.empty()));
    apply(Events.ofSeed(2).started());
    assertThat(receiver.received).hasSize(1);
  }

  @Test
  void aReceiverThatFailsGetsItLaterWithTheSameId() {
    receiver.answers(Receiver.status(500));
    aRunFails(1);
    await().until(() -> receiver.received.size() == 1);
    await().until(() -> projection.nextDelivery("webhook").orElseThrow().isAfter(now.get()));

    receiver.answers(Receiver.status(200));
    now.set(now.get().plusSeconds(6));
    aRunFails(2);

    await().until(() -> projection.pendingDeliveries() == 0);
    assertThat(receiver.received).hasSize(3);
    assertThat(receiver.received.stream().map(Receiver.Received::id).distinct()).hasSize(2);
  }

  @Test
  void whatWaitsIsDeliveredAfterARestart() {
    service.close();
    projection.close();
    receiver.answers(Receiver.status(503));
    open(new Webhook("webhook", receiver.uri(), Optional.empty()));
    aRunFails(1);
    await().until(() -> receiver.received.size() == 1);
    service.close();
    projection.close();

    receiver.answers(Receiver.status(200));
    now.set(now.get().plusSeconds(60));
    open(new Webhook("webhook", receiver.uri(), Optional.empty()));

    await().until(() -> projection.pendingDeliveries() == 0);
    assertThat(receiver.received).hasSize(2);
  }

  @Test
  void aReceiverThatHangsDelaysNothingThatIsApplied() throws Exception {
    CountDownLatch released = new CountDownLatch(1);
    receiver.answers(
        exchange -> {
          try {
            released.await(20, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    aRunFails(1);
    await().until(() -> receiver.received.size() == 1);

    long begun = System.nanoTime();
    for (int i = 2; i < 52; i++) {
      aRunFails(i);
    }
    long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);

    assertThat(took).as("ms for 50 batches while the receiver hangs").isLessThan(5_000);
    released.countDown();
  }

  @Test
  void everyoneGetsItWhateverBecomesOfTheOthers() {
    service.close();
    projection.close();
    open(
        new CommandTarget("broken", List.of("/bin/false")),
        new Webhook("webhook", receiver.uri(), Optional.empty()));

    aRunFails(1);

    await().until(() -> receiver.received.size() == 1);
    await().until(() -> projection.nextDelivery("webhook").isEmpty());
    await().until(() -> projection.nextDelivery("broken").orElseThrow().isAfter(now.get()));
  }

  @Test
  void anErrorThatNobodyForesawIsTriedAgainAndKeepsNoOther() {
    service.close();
    projection.close();
    open(
        new Webhook("odd", URI.create("nowhere"), Optional.empty()),
        new Webhook("webhook", receiver.uri(), Optional.empty()));

    aRunFails(1);
    await().until(() -> projection.nextDelivery("odd").orElseThrow().isAfter(now.get()));
    now.set(now.get().plusSeconds(6));
    aRunFails(2);

    await().until(() -> projection.nextDelivery("webhook").isEmpty());
    await().until(() -> projection.nextDelivery("odd").orElseThrow().isAfter(now.get()));
    assertThat(receiver.received).hasSize(2);
  }

  @Test
  void whatCannotBeDeliveredForADayIsGivenUp() {
    receiver.answers(Receiver.status(500));
    aRunFails(1);
    await().until(() -> receiver.received.size() == 1);

    now.set(now.get().plus(Duration.ofHours(25)));
    apply(Events.ofSeed(2).started());
    service.fired(1);

    await().until(() -> projection.pendingDeliveries() == 0);
    assertThat(receiver.received).hasSize(2);
  }

  @Test
  void nobodyIsMissedBeforeEverythingThatWasSentIsThere() {
    Events job = Events.ofSeed(1);
    apply(job.started());
    now.set(now.get().plus(Duration.ofMinutes(31)));
    service.look(false);
    service.look(true);
    now.set(now.get().plusSeconds(59));
    service.look(true);
    assertThat(projection.pendingDeliveries()).isZero();

    now.set(now.get().plusSeconds(1));
    service.look(false);
    service.look(true);
    assertThat(projection.pendingDeliveries()).as("after an outage").isZero();

    now.set(now.get().plusSeconds(60));
    service.look(true);
    await().until(() -> receiver.received.size() == 1);
  }

  @Test
  void oneOfSeveralDeliversFromTheBeginningOfItsTurnToItsEnd() {
    service.close();
    AtomicBoolean isOurs = new AtomicBoolean(true);
    service =
        AlertService.ofSeveral(
            new AlertFile(
                List.of(FAILED), List.of(new Webhook("webhook", receiver.uri(), Optional.empty()))),
            Duration.ofHours(1),
            projection,
            AlertCounter.NONE,
            isOurs::get,
            now::get);
    aRunFails(1);
    assertThat(projection.pendingDeliveries()).as("found and stored, whoever delivers").isOne();

    service.begin();
    service.begin();
    await().until(() -> projection.pendingDeliveries() == 0);
    service.finish();
    aRunFails(2);
    assertThat(projection.pendingDeliveries()).isOne();

    isOurs.set(false);
    service.begin();
    service.abandon();
    assertThat(projection.pendingDeliveries()).as("the database says otherwise").isOne();

    isOurs.set(true);
    service.begin();
    await().until(() -> projection.pendingDeliveries() == 0);
    assertThat(receiver.received).hasSize(2);
  }

  @Test
  void whatIsUnderWayIsFinishedBeforeTheTurnEnds() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    receiver.answers(
        exchange -> {
          begun.countDown();
          try {
            TimeUnit.MILLISECONDS.sleep(500);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          Receiver.status(204).to(exchange);
        });
    aRunFails(1);
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

    service.finish();

    assertThat(projection.pendingDeliveries()).as("delivered and recorded").isZero();
    assertThat(receiver.received).hasSize(1);
  }

  @Test
  void whatHappensIsCounted() {
    service.close();
    AtomicInteger fired = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    AlertCounter counter =
        new AlertCounter() {
          @Override
          public void fired(int count) {
            fired.addAndGet(count);
          }

          @Override
          public void delivered() {}

          @Override
          public void failed() {
            failed.incrementAndGet();
          }

          @Override
          public void pending(long count) {}
        };
    receiver.answers(Receiver.status(500));
    service = service(counter, now::get, new Webhook("webhook", receiver.uri(), Optional.empty()));

    aRunFails(1);

    await().until(() -> failed.get() == 1);
    assertThat(fired).hasValue(1);
  }
}
