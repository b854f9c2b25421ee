package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.DatabaseLocation;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.service.rebuild.AcceptGap;
import io.runledger.stack.LocalStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;

/**
 * The log loses records that the database needs next: they are deleted, or a whole topic is made
 * again. The service stops with a sentence and moves nothing; once the gap is accepted it
 * continues, and the gap stays visible.
 */
final class LogFaults implements Scenario {

  @Override
  public String name() {
    return "records-and-topics-deleted";
  }

  @Override
  public Set<Store> stores() {
    return EnumSet.allOf(Store.class);
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    Random random = laboratory.random();
    int times = laboratory.times(2, 16);
    List<TrainingHistory.Message> messages =
        new TrainingHistory(laboratory.seed(), 20, 200).inOrder(5);
    long gaps = 0;
    try (LocalStack stack = laboratory.stack();
        Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      TestLedger ledger = laboratory.ledger(stack);
      DatabaseLocation database = ledger.location();
      for (int time = 0; time < times; time++) {
        sendAndApply(laboratory, ledger, messages);
        Map<TopicPartition, Long> stored = LedgerSql.positions(database);
        String sentence =
            time % 2 == 0
                ? deleteRecords(stack, admin, random, stored, messages)
                : makeAnew(
                    admin, TopicNames.DEFAULT.all().get(random.nextInt(Topics.values().length)));
        try (ServiceProcess refused = ServiceProcess.start(laboratory.directory(), ledger)) {
          assertThat(refused.awaitEnd()).as(refused.output()).isEqualTo(1);
          assertThat(refused.output()).contains(sentence).contains("runledger accept-gap");
        }
        assertThat(LedgerSql.positions(database)).as("nothing was moved").isEqualTo(stored);
        gaps +=
            AcceptGap.run(ledger.configuration(), Optional.empty(), OptionalInt.empty(), false)
                .size();
        assertThat(Ledgers.count(database, "gaps")).isEqualTo(gaps);
      }
      sendAndApply(laboratory, ledger, messages);
      Ledgers.assertSound(database);
      // Everything was sent again after the last gap, so nothing is missing in the end.
      Ledgers.assertOracle(database, messages);
      return new Tally(times, messages.size(), 0, 0);
    }
  }

  private static void sendAndApply(
      Laboratory laboratory, TestLedger ledger, List<TrainingHistory.Message> messages)
      throws Exception {
    // A producer of its own each time: topic ids change.
    try (RawProducer producer = new RawProducer(ledger.stack());
        ServiceProcess service = ServiceProcess.start(laboratory.directory(), ledger)) {
      producer.send(messages);
      service.awaitCaughtUp();
    }
  }

  private static String deleteRecords(
      LocalStack stack,
      Admin admin,
      Random random,
      Map<TopicPartition, Long> stored,
      List<TrainingHistory.Message> messages)
      throws Exception {
    try (RawProducer producer = new RawProducer(stack)) {
      producer.send(messages);
    }
    List<TopicPartition> filled = new ArrayList<>(stored.keySet());
    filled.removeIf(
        partition ->
            stored.get(partition) < 4
                || !partition.topic().equals(TopicNames.DEFAULT.name(Topics.METRICS)));
    TopicPartition partition = filled.get(random.nextInt(filled.size()));
    long next = stored.get(partition);
    long start = next + 1 + random.nextInt(3);
    admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(start))).all().get();
    return "Topic %s partition %d begins at offset %d, and %d is needed next (stored %d, found %d)"
        .formatted(partition.topic(), partition.partition(), start, next, next, start);
  }

  /**
   * Deletes a topic and makes another one of its name, which the broker knows when this returns.
   *
   * @return how the service's sentence about it begins
   */
  static String makeAnew(Admin admin, String topic) throws Exception {
    admin.deleteTopics(List.of(topic)).all().get();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !admin.listTopics().names().get().contains(topic));
    admin
        .createTopics(
            List.of(
                new NewTopic(topic, Topics.DEFAULT_PARTITIONS, (short) 1)
                    .configs(Map.of("retention.ms", "-1"))))
        .all()
        .get();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> admin.listTopics().names().get().contains(topic));
    return "Topic " + topic + " was deleted and recreated";
  }
}
