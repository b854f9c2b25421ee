package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.stack.LocalStack;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;

/**
 * Partitions are added to all topics while the service reads, so that later events of a run come
 * from another partition than its earlier ones. The service continues by itself, with all of them.
 */
final class PartitionsAdded implements Scenario {

  @Override
  public String name() {
    return "partitions-added";
  }

  @Override
  public Set<Store> stores() {
    return EnumSet.allOf(Store.class);
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    int times = laboratory.times(1, 10);
    TrainingHistory history = new TrainingHistory(laboratory.seed(), 40, 1_000);
    List<TrainingHistory.Message> messages = history.inOrder(3);
    int part = messages.size() / (times + 1) + 1;
    try (LocalStack stack = laboratory.stack();
        ServiceProcess service =
            ServiceProcess.start(
                laboratory.directory(),
                laboratory.ledger(stack),
                Map.of("RUNLEDGER_KAFKA_METADATA_MAX_AGE_MS", "1000"))) {
      for (int time = 0; time <= times; time++) {
        if (time > 0) {
          addOne(stack, Topics.DEFAULT_PARTITIONS + time);
        }
        // A new producer each time: it knows the new partitions at once.
        try (RawProducer producer = new RawProducer(stack)) {
          producer.send(
              messages.subList(
                  Math.min(time * part, messages.size()),
                  Math.min((time + 1) * part, messages.size())));
        }
        service.awaitCaughtUp();
      }
      assertThat(Ledgers.count(service.location(), "metric_points")).isEqualTo(history.points());
      assertThat(Ledgers.count(service.location(), "stream_gaps")).isZero();
      assertThat(Ledgers.count(service.location(), "positions"))
          .isEqualTo((long) Topics.values().length * (Topics.DEFAULT_PARTITIONS + times));
      Ledgers.assertSound(service.location());
      Ledgers.assertOracle(service.location(), messages);
      Ledgers.assertVerified(laboratory.directory(), service.ledger());
    }
    return new Tally(times, history.points(), 0, 0);
  }

  private static void addOne(LocalStack stack, int partitions) throws Exception {
    Map<String, NewPartitions> wanted = new HashMap<>();
    TopicNames.DEFAULT
        .all()
        .forEach(topic -> wanted.put(topic, NewPartitions.increaseTo(partitions)));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      admin.createPartitions(wanted).all().get();
    }
  }
}
