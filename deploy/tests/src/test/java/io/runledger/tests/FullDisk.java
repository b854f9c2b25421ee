package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.stack.LocalStack;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/**
 * The disk of the database fills up while the service writes. It pauses, says so in its health, and
 * continues by itself when there is room again; nothing is skipped.
 */
final class FullDisk implements Scenario {

  @Override
  public String name() {
    return "database-disk-full";
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    int times = laboratory.times(1, 12);
    TrainingHistory history = new TrainingHistory(laboratory.seed(), times * 10, 2_000);
    List<TrainingHistory.Message> messages = history.inOrder(5);
    int part = messages.size() / times + 1;
    try (SmallDisk disk = SmallDisk.mount(laboratory.directory().resolve("disk"), 64);
        LocalStack stack = laboratory.stack();
        RawProducer producer = new RawProducer(stack);
        ServiceProcess service =
            ServiceProcess.start(
                laboratory.directory(),
                stack,
                Map.of("RUNLEDGER_DB", disk.directory().resolve("runledger.db").toString()))) {
      service.awaitRunning();
      for (int time = 0; time < times; time++) {
        Path filler = disk.fill();
        producer.send(
            messages.subList(
                Math.min(time * part, messages.size()),
                Math.min((time + 1) * part, messages.size())));
        Awaitility.await("the health says that the service has paused")
            .atMost(Duration.ofMinutes(1))
            .untilAsserted(
                () -> {
                  HttpResponse<String> health = service.health().orElseThrow();
                  assertThat(health.statusCode()).isEqualTo(503);
                  assertThat(health.body()).contains("\"paused\"").containsIgnoringCase("full");
                });
        Files.delete(filler);
        service.awaitCaughtUp();
        assertThat(service.health().orElseThrow().statusCode()).isEqualTo(200);
      }
      assertThat(Ledgers.count(service.database(), "metric_points")).isEqualTo(history.points());
      assertThat(Ledgers.count(service.database(), "dead_letters")).isZero();
      Ledgers.assertSound(service.database());
      Ledgers.assertOracle(service.database(), messages);
    }
    return new Tally(times, history.points(), 0, 0);
  }
}
