package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.DatabaseLocation;
import io.runledger.stack.LocalStack;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A rebuild is killed at each of its steps while readers ask. The database they see is the whole
 * old one or the whole new one, always, and the next rebuild succeeds.
 */
final class RebuildKills implements Scenario {

  private static final List<String> OF_A_FILE =
      List.of(
          "generation-created",
          "begun",
          "mid-batch",
          "committed",
          "analyzed",
          "log-turned-on",
          "log-emptied",
          "checked",
          "file-synced",
          "link-made",
          "link-renamed",
          "directory-synced");

  private static final List<String> OF_A_SERVER =
      List.of(
          "schema-created",
          "generation-created",
          "begun",
          "mid-batch",
          "committed",
          "analyzed",
          "checked",
          "former-dropped",
          "next-made",
          "renamed-once",
          "renamed",
          "published");

  private static final int READERS = 2;

  @Override
  public String name() {
    return "rebuild-kills";
  }

  @Override
  public Set<Store> stores() {
    return EnumSet.allOf(Store.class);
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    Random random = laboratory.random();
    int kills = laboratory.times(4, 36);
    TrainingHistory history = new TrainingHistory(laboratory.seed(), 20, 1_000);
    List<TrainingHistory.Message> messages = history.inOrder(5);
    try (LocalStack stack = laboratory.stack();
        RawProducer producer = new RawProducer(stack)) {
      producer.send(messages);
      TestLedger ledger = laboratory.ledger(stack);
      DatabaseLocation database = ledger.location();
      List<String> points = laboratory.store() == Store.SQLITE ? OF_A_FILE : OF_A_SERVER;
      try (ServiceProcess service = ServiceProcess.start(laboratory.directory(), ledger)) {
        service.awaitCaughtUp();
      }
      AtomicBoolean over = new AtomicBoolean();
      AtomicLong reads = new AtomicLong();
      List<String> wrong = Collections.synchronizedList(new ArrayList<>());
      List<Thread> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        Thread reader = new Thread(() -> read(database, history.points(), over, reads, wrong));
        reader.start();
        readers.add(reader);
      }
      Distribution distribution = new Distribution(laboratory.directory());
      int died = 0;
      for (int kill = 0; kill < kills; kill++) {
        String point = points.get((kill + random.nextInt(2)) % points.size());
        Map<String, String> dying = ledger.environment();
        dying.put("RUNLEDGER_JAVA_OPTS", "-Drunledger.fail=" + point + "@1:kill");
        Distribution.Result killed = distribution.run(dying, "rebuild");
        died += killed.code() == 137 ? 1 : 0;
        Ledgers.assertSound(database);
        assertThat(Ledgers.count(database, "metric_points")).isEqualTo(history.points());
      }
      Distribution.Result last = distribution.run(ledger.environment(), "rebuild");
      over.set(true);
      for (Thread reader : readers) {
        reader.join();
      }
      assertThat(last.code()).as(last.toString()).isZero();
      assertThat(wrong).isEmpty();
      assertThat(reads.get()).as("reads meanwhile").isGreaterThan(kills);
      assertThat(died).as("rebuilds that were killed").isEqualTo(kills);
      Ledgers.assertOracle(database, messages);
      Ledgers.assertVerified(laboratory.directory(), ledger);
      return new Tally(kills, history.points(), 0, 0);
    }
  }

  private static void read(
      DatabaseLocation database,
      long points,
      AtomicBoolean over,
      AtomicLong reads,
      List<String> wrong) {
    while (!over.get()) {
      try {
        long found = Ledgers.count(database, "metric_points");
        if (found != points) {
          wrong.add(found + " points instead of " + points);
        }
        reads.incrementAndGet();
      } catch (Exception e) {
        wrong.add(e.toString());
      }
    }
  }
}
