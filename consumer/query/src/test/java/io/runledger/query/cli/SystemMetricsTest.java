package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import io.runledger.query.OnEachStore;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.RunEvent;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sampler logs is neither a result of a run nor its progress. */
@OnEachStore
class SystemMetricsTest {

  private static final String SAMPLED = "system/cpu_percent";

  @TempDir private Path directory;

  private final Instant now = Instant.now();
  private Laboratory laboratory;

  @BeforeEach
  void thereIsAnEmptyLedger() {
    laboratory = Laboratory.empty(directory);
  }

  @AfterEach
  void close() {
    laboratory.close();
  }

  @Test
  void aSampleIsNotTheProgressOfATrainingThatLogsValues() {
    Events training = Events.ofName("vision", "training", new UUID(1, 1));
    laboratory.deliver(
        started(training), training.metrics(row(50L, 600, "loss"), row(null, 5, SAMPLED)));

    assertThat(Command.at(laboratory.location(), "list").out())
        .containsPattern("training +running +[-0-9]+ [0-9:]+ +2h00m +50 +0.5 +10m\\d\\ds");
  }

  @Test
  void aRunThatLogsNothingElseWasLastHeardOfByItsSamples() {
    Events command = Events.ofName("vision", "command", new UUID(1, 2));
    laboratory.deliver(started(command), command.metrics(row(null, 65, SAMPLED)));

    assertThat(Command.at(laboratory.location(), "list").out())
        .containsPattern("command +running +[-0-9]+ [0-9:]+ +2h00m +- +- +1m\\d\\ds");
  }

  @Test
  void compareShowsSamplesOnlyWhereTheyAreNamed() {
    Events training = Events.ofName("vision", "training", new UUID(1, 1));
    laboratory.deliver(
        started(training), training.metrics(row(50L, 600, "loss"), row(null, 5, SAMPLED)));
    String id = training.run().toString();

    assertThat(compare(id))
        .contains("loss, final", "1 metrics under system/ are not shown; --metric NAME shows one.")
        .doesNotContain(SAMPLED);
    assertThat(compare(id, "--metric", SAMPLED))
        .contains(SAMPLED + ", final")
        .doesNotContain("not shown");
    assertThat(compare(id, "--json")).contains(SAMPLED);
    assertThat(compare(id, "--csv")).contains(SAMPLED);
  }

  private String compare(String id, String... options) {
    String[] words = new String[options.length + 2];
    words[0] = "compare";
    words[1] = id;
    System.arraycopy(options, 0, words, 2, options.length);
    return Command.at(laboratory.location(), words).out();
  }

  private RunEvent started(Events run) {
    RunEvent event = run.started();
    event.put("at", now.minusSeconds(7_200));
    return event;
  }

  private MetricRow row(Long step, int secondsAgo, String metric) {
    return MetricRow.newBuilder(Events.call(0, Map.of(metric, 0.5)))
        .setStep(step)
        .setAt(now.minusSeconds(secondsAgo))
        .setEpoch(null)
        .build();
  }
}
