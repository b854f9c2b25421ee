package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.DatabaseLocation;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.stack.LocalStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The service dies by SIGKILL at chosen points and at random moments while records arrive, each of
 * them once or twice. After each death the stored positions and the stored events must agree.
 */
final class ServiceKills implements Scenario {

  private static final List<String> POINTS =
      List.of("polled", "begun", "mid-batch", "before-commit", "committed", "kafka-told");

  /** Longer than the records of one round take to be applied. */
  private static final Duration ROUND = Duration.ofSeconds(6);

  private final Map<TopicPartition, TreeMap<Long, List<String>>> sent = new HashMap<>();
  private final Set<String> all = new HashSet<>();
  private final Set<String> below = new HashSet<>();

  @Override
  public String name() {
    return "service-kills";
  }

  @Override
  public Set<Store> stores() {
    return EnumSet.allOf(Store.class);
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    Random random = laboratory.random();
    int kills = laboratory.times(8, 500);
    TrainingHistory history =
        // Five metrics a call: in full 500,000 log calls, and what else a run says.
        new TrainingHistory(
            laboratory.seed(), laboratory.times(40, 250), laboratory.times(2_000, 10_000));
    List<TrainingHistory.Message> messages = new ArrayList<>(history.inOrder(10));
    messages.addAll(history.inOrder(3).subList(0, messages.size() / 2));
    Collections.shuffle(messages, random);
    try (LocalStack stack = laboratory.stack();
        RawProducer producer = new RawProducer(stack)) {
      int part = messages.size() / (kills + 1) + 1;
      TestLedger ledger = laboratory.ledger(stack);
      DatabaseLocation database = ledger.location();
      for (int kill = 0; kill < kills; kill++) {
        List<TrainingHistory.Message> round = slice(messages, kill * part, part);
        note(round, producer.send(round));
        killOnce(laboratory, ledger, random);
        assertSoundAndInStep(database, stack);
      }
      List<TrainingHistory.Message> rest = slice(messages, kills * part, part);
      note(rest, producer.send(rest));
      try (ServiceProcess service = ServiceProcess.start(laboratory.directory(), ledger)) {
        service.awaitCaughtUp();
      }
      assertSoundAndInStep(database, stack);
      Ledgers.assertVerified(laboratory.directory(), ledger);
      assertThat(below).as("every event is in the database").isEqualTo(all);
      Ledgers.assertOracle(database, messages);
      assertThat(Ledgers.count(database, "dead_letters")).isZero();
      return new Tally(kills, all.size(), 0, 0);
    }
  }

  private static <T> List<T> slice(List<T> all, int from, int length) {
    return all.subList(Math.min(from, all.size()), Math.min(from + length, all.size()));
  }

  private static void killOnce(Laboratory laboratory, TestLedger ledger, Random random)
      throws Exception {
    boolean chosen = random.nextInt(3) > 0;
    String fault =
        POINTS.get(random.nextInt(POINTS.size())) + "@" + (1 + random.nextInt(4)) + ":kill";
    Map<String, String> more =
        chosen ? Map.of("RUNLEDGER_JAVA_OPTS", "-Drunledger.fail=" + fault) : Map.of();
    try (ServiceProcess service = ServiceProcess.start(laboratory.directory(), ledger, more)) {
      service.awaitDeath(chosen ? ROUND : Duration.ofMillis(800 + random.nextInt(1_500)));
    }
  }

  private void note(List<TrainingHistory.Message> round, List<RecordMetadata> places) {
    for (int i = 0; i < round.size(); i++) {
      RecordMetadata place = places.get(i);
      List<String> events = identities(round.get(i).value());
      all.addAll(events);
      sent.computeIfAbsent(
              new TopicPartition(place.topic(), place.partition()), any -> new TreeMap<>())
          .put(place.offset(), events);
    }
  }

  /** Exactly the events below the stored positions are in the database. */
  private void assertSoundAndInStep(DatabaseLocation database, LocalStack stack) throws Exception {
    if (!LedgerSql.exists(database)) {
      assertThat(below).isEmpty();
      return;
    }
    Ledgers.assertSound(database);
    Map<TopicPartition, Long> positions = LedgerSql.positions(database);
    positions.forEach(
        (partition, next) -> {
          TreeMap<Long, List<String>> records = sent.getOrDefault(partition, new TreeMap<>());
          Map<Long, List<String>> applied = records.headMap(next);
          applied.values().forEach(below::addAll);
          applied.clear();
        });
    assertThat(LedgerSql.single(database, "SELECT coalesce(sum(events), 0) FROM event_streams"))
        .as("events in the database, against those below its positions %s of %s", positions, stack)
        .isEqualTo(Integer.toString(below.size()));
  }

  private static List<String> identities(SpecificRecord value) {
    if (value instanceof MetricsLogged metrics) {
      List<String> identities = new ArrayList<>();
      for (int i = 0; i < metrics.getRows().size(); i++) {
        identities.add(identity(Topics.METRICS, metrics.getWriterId(), metrics.getFirstSeq() + i));
      }
      return identities;
    }
    Envelope of = Envelope.of(value);
    return List.of(identity(Topics.of(value), of.writer(), of.seq()));
  }

  private static String identity(Topics topic, long writer, long seq) {
    return topic.streamName() + "/" + writer + "/" + seq;
  }
}
