package io.runledger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.TimeOrderedId;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.ArtifactLogged;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.RunStatusChanged;
import io.runledger.spool.SegmentReader;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Short calls of a job, and the options that it is opened with, as events of its spool. */
class WordsOfAJobTest {

  private static final RunKey KEY = RunKey.experiment("7").dataset("mnist").seed(3);

  @TempDir private Path dir;

  @Test
  void aBodyThrowsNoMoreThanItDoes() throws IOException {
    try (Tracker tracker = open()) {
      whatThrowsNothingNeedsNoThrows(tracker);
      int read = tracker.withRun(KEY, Map.of(), run -> readFile("seven"));

      assertThat(read).isEqualTo(5);
      assertThatThrownBy(() -> tracker.useRun(KEY, null, run -> readFile("")))
          .isInstanceOf(IOException.class);
    }

    assertThat(statuses()).containsExactlyInAnyOrder("completed", "completed", "failed");
  }

  private static void whatThrowsNothingNeedsNoThrows(Tracker tracker) {
    tracker.useRun(KEY, Map.of(), run -> run.log("loss", 0.5, 1));
  }

  private static int readFile(String content) throws IOException {
    if (content.isEmpty()) {
      throw new IOException("nothing to read");
    }
    return content.length();
  }

  @Test
  void eachWordIsOneEvent() throws IOException {
    Path model = Files.writeString(dir.resolve("model.bin"), "weights");
    try (Tracker tracker = open()) {
      RunHandle run = tracker.start(KEY, Map.of());
      run.log(Map.of("loss", 0.5), 7);
      run.log("f1", 0.25, 8);
      run.logArtifact("model", model);
      run.logError(new IllegalStateException("once"), 8);
      run.results(Map.of("best", 0.25));
      run.addTags("a", null, "b");
      run.removeTags("a");
      run.setNotes("see https://u:p@host/x");
      run.finish(RunStatus.FAILED, 3);
      run.finish();
      run.close();
    }

    assertThat(events(Topics.METRICS))
        .extracting(event -> ((MetricsLogged) event).getRows().get(0))
        .extracting(MetricRow::getStep)
        .containsExactly(7L, 8L);
    assertThat(events(Topics.ERRORS))
        .singleElement()
        .extracting(event -> ((ErrorLogged) event).getStep())
        .isEqualTo(8L);
    assertThat(kinds(ArtifactLogged.class))
        .singleElement()
        .extracting(ArtifactLogged::getSizeBytes)
        .isEqualTo(7L);
    assertThat(kinds(RunAnnotated.class))
        .containsExactly(
            new RunAnnotated(null, List.of("a", "b"), List.of(), null),
            new RunAnnotated(null, List.of(), List.of("a"), null),
            new RunAnnotated("see https://********@host/x", List.of(), List.of(), null));
    assertThat(kinds(RunStatusChanged.class))
        .singleElement()
        .extracting(RunStatusChanged::getStatus, RunStatusChanged::getExitCode)
        .containsExactly("failed", 3);
  }

  @Test
  void whatIsAddedToTheConfigurationIsMaskedAndCutAndBeginsNothing() throws IOException {
    Configuration small = configuration().with(Setting.CONFIG_MAX_BYTES, "1000");
    try (Tracker tracker = Tracker.open(small);
        RunHandle run = tracker.start(KEY, Map.of("lr", 0.1))) {
      run.config(Map.of("optimizer", Map.of("name", "sgd"), "api_key", "hunter2"));
      run.config(Map.of("words", "x".repeat(2_000)));
      run.config(Map.of());
      run.config(null);
    }

    List<RunStarted> starts = kinds(RunStarted.class);
    assertThat(starts).hasSize(3);
    assertThat(starts.subList(1, 3))
        .allSatisfy(
            update -> {
              assertThat(update.getKey()).isNull();
              assertThat(update.getName()).isNull();
              assertThat(update.getInstanceId()).isNull();
              assertThat(update.getSource()).isEqualTo("job");
              assertThat(update.getHost()).isNull();
            });
    assertThat(starts.get(1).getConfig()).contains("\"name\":\"sgd\"").doesNotContain("hunter2");
    assertThat(starts.get(1).getMaskedKeys()).containsExactly("api_key");
    assertThat(starts.get(2).getConfigTruncatedBytes()).isPositive();
    assertThat(starts.get(2).getConfigSha256()).hasSize(64);
    assertThat(kinds(EventsDropped.class)).as("the null").hasSize(1);
  }

  @Test
  void theSummaryIsRecordedAsResults() throws IOException {
    try (Tracker tracker = open();
        RunHandle run = tracker.start(KEY, Map.of())) {
      run.summary(Map.of("best", Double.NaN));
      run.summary(Map.of("best", 0.9));
      run.summary(Map.of());
    }

    assertThat(kinds(ResultsRecorded.class))
        .extracting(ResultsRecorded::getResults)
        .containsExactly("{\"best\":\"NaN\"}", "{\"best\":0.9}");
  }

  @Test
  void aRunThatIsNotAtItsEndIsNotFinished() throws IOException {
    try (Tracker tracker = open();
        RunHandle run = tracker.start(KEY, Map.of())) {
      run.finish(RunStatus.RUNNING);
      run.finish(null);
      run.log("loss", 1, 1);
    }

    assertThat(events(Topics.METRICS)).hasSize(1);
    assertThat(statuses()).containsExactly("completed");
    assertThat(kinds(EventsDropped.class)).isNotEmpty();
  }

  @Test
  void aDisabledTrackerTakesEveryCallAndLeavesNoTrace() throws IOException {
    Map<String, String> environment =
        Map.of(
            "RUNLEDGER_MODE", " Disabled ",
            "RUNLEDGER_SPOOL", spool().toString(),
            "HOME", dir.toString());
    for (Tracker opened :
        List.of(Tracker.builder().environment(environment).open(), Tracker.disabled())) {
      try (Tracker tracker = opened;
          RunHandle run = tracker.start(KEY, Map.of("lr", 0.1));
          WatchedRun watched = tracker.watch(RunOptions.builder(KEY).build(), false)) {
        run.log("loss", 0.5, 1);
        run.log(null);
        run.config(Map.of("a", 1));
        run.summary(Map.of("best", 1));
        run.logArtifact("disk", Path.of("/dev/zero"));
        run.fail(new IOException("lost"));
        watched.begun(ProcessHandle.current().pid());
        watched.ended(1, null);

        assertThat(run.runId()).isEqualTo(RunId.of(KEY));
        assertThat(run.attemptId()).isPositive();
        assertThatThrownBy(() -> tracker.operate(run.runId(), OptionalLong.empty()))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("RUNLEDGER_MODE");
      }
    }

    assertThat(dir).isEmptyDirectory();
  }

  @Test
  void aModeThatIsNoneIsOnline() throws IOException {
    try (Tracker tracker =
            Tracker.builder()
                .configuration(configuration())
                .environment(Map.of("RUNLEDGER_MODE", "loud"))
                .open();
        RunHandle run = tracker.start(KEY, Map.of())) {
      run.log("loss", 0.5, 1);
    }

    assertThat(events(Topics.METRICS)).hasSize(1);
  }

  @Test
  void timesAndIdsAreThoseOfTheClockThatWasGiven() throws IOException {
    Instant then = Instant.parse("2019-05-01T10:00:00.123456Z");
    long attempt;
    try (Tracker tracker =
            Tracker.builder()
                .configuration(configuration())
                .clock(Clock.fixed(then, ZoneOffset.UTC))
                .environment(Map.of())
                .open();
        RunHandle run = tracker.start(KEY, Map.of())) {
      run.log("loss", 0.5, 1);
      attempt = run.attemptId();
    }

    assertThat(events(Topics.RUNS)).allMatch(event -> ((RunEvent) event).getAt().equals(then));
    assertThat(TimeOrderedId.timeOf(attempt)).isEqualTo(Instant.parse("2019-05-01T10:00:00.123Z"));
  }

  @Test
  void theEnvironmentThatWasGivenNamesTheAttemptAndTheJob() throws IOException {
    Map<String, String> environment =
        Map.of(
            "RUNLEDGER_RUN_ID",
            RunId.of(KEY).toString(),
            "RUNLEDGER_ATTEMPT_ID",
            Base32.encode(77),
            "SLURM_JOB_ID",
            "4711",
            "HOSTNAME",
            "n1");
    try (Tracker tracker =
            Tracker.builder().configuration(configuration()).environment(environment).open();
        RunHandle run = tracker.start(KEY, Map.of())) {
      assertThat(run.attemptId()).isEqualTo(77);
    }

    RunStarted start = kinds(RunStarted.class).get(0);
    assertThat(start.getHost()).isEqualTo("n1");
    assertThat(start.getSlurm().getJobId()).isEqualTo(4711);
  }

  private Tracker open() {
    return Tracker.open(configuration());
  }

  private Configuration configuration() {
    return Configuration.load(
        Map.of(Setting.SPOOL.key(), spool().toString(), Setting.SENDER_ENABLED.key(), "false"),
        Map.of("HOME", dir.toString()),
        Optional.empty());
  }

  private Path spool() {
    return dir.resolve("spool");
  }

  private List<SpecificRecord> events(Topics topic) throws IOException {
    List<SpecificRecord> events = new ArrayList<>();
    for (Path writer : SpoolDirectory.writers(spool())) {
      for (Path segment : SpoolDirectory.segments(writer, topic).values()) {
        try (SegmentReader reader = SegmentReader.open(topic, segment)) {
          events.addAll(reader.read(0, false).events());
        }
      }
    }
    return events;
  }

  private <T> List<T> kinds(Class<T> type) throws IOException {
    return events(Topics.RUNS).stream()
        .map(event -> ((RunEvent) event).getEvent())
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  private List<String> statuses() throws IOException {
    return kinds(RunStatusChanged.class).stream().map(RunStatusChanged::getStatus).toList();
  }
}
