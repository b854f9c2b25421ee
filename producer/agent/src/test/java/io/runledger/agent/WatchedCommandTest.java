package io.runledger.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.client.RunOptions;
import io.runledger.client.Tracker;
import io.runledger.client.WatchedRun;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.Base32;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStatusChanged;
import io.runledger.spool.SpooledEvents;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is recorded of a command, by what the launcher says of it. */
class WatchedCommandTest {

  private static final String STARTED = "started " + ProcessHandle.current().pid() + "\n";

  @TempDir private Path directory;

  private final ByteArrayOutputStream told = new ByteArrayOutputStream();

  @Test
  void aCommandThatEndsWellIsCompletedWithoutAReason() throws IOException {
    watch(STARTED + "ended 0\n", "a warning\n");

    assertThat(statuses()).last().isEqualTo("completed 0 null wrapper");
    assertThat(events(Topics.ERRORS)).isEmpty();
    assertThat(told.toString(StandardCharsets.UTF_8)).isEqualTo("ready\n");
  }

  @Test
  void aCommandThatFailsTellsItsErrorAndItsExitCode() throws IOException {
    watch(STARTED + "ended 3\n", "loading\ndisk is full\n");

    assertThat(statuses()).last().isEqualTo("failed 3 exit code 3 wrapper");
    assertThat(events(Topics.ERRORS))
        .singleElement()
        .isInstanceOfSatisfying(
            ErrorLogged.class,
            error -> {
              assertThat(error.getExceptionType()).isEqualTo("exit code 3");
              assertThat(error.getMessage()).isEqualTo("disk is full");
            });
  }

  @Test
  void aCommandThatFailsWithoutAWordHasNoError() throws IOException {
    watch(STARTED + "ended 1\n", "");

    assertThat(statuses()).last().isEqualTo("failed 1 exit code 1 wrapper");
    assertThat(events(Topics.ERRORS)).isEmpty();
  }

  @Test
  void theReasonNamesTheSignalThatEndedItAndThoseThatItGot() throws IOException {
    watch(STARTED + "signal USR1\nsignal TERM\nended 143\n", "");

    assertThat(statuses())
        .endsWith(
            "running null SIGUSR1 received wrapper",
            "running null SIGTERM received wrapper",
            "failed 143 ended by SIGTERM after SIGUSR1, SIGTERM wrapper");
  }

  @Test
  void aSignalThatItNeverGotIsNotAReason() throws IOException {
    watch(STARTED + "withheld USR1\nended 0\n", "");

    assertThat(statuses())
        .endsWith(
            "running null SIGUSR1 received, not forwarded: the command has no handler for it wrapper",
            "completed 0 null wrapper");
  }

  @Test
  void aCommandThatIsNotThereHasFailed() throws IOException {
    watch("missing 127\n", "");

    assertThat(statuses()).last().isEqualTo("failed 127 the command cannot be started wrapper");
  }

  @Test
  void whereTheLauncherIsGoneBeforeTheCommandBeganNothingIsSaid() throws IOException {
    watch("", "");

    assertThat(statuses()).noneMatch(status -> status.contains("failed"));
  }

  @Test
  void aCommandThatWasGoneBeforeItWasLookedAtEndsWithItsLauncher() throws Exception {
    Process command = new ProcessBuilder("true").start();
    command.waitFor();

    watch("started " + command.pid() + "\n", "");

    assertThat(statuses())
        .last()
        .asString()
        .startsWith("failed null process " + command.pid())
        .endsWith("observer");
  }

  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS)
  void whatARunningCommandUsesIsLoggedUnderSystemWithoutAStep() throws IOException {
    InputStream started = new ByteArrayInputStream(STARTED.getBytes(StandardCharsets.UTF_8));

    Map<String, String> mark = watch(new SequenceInputStream(started, endsWhenSampled()), "", 1);

    MetricRow row = ((MetricsLogged) events(Topics.METRICS).get(0)).getRows().get(0);
    assertThat(row.getStep()).isNull();
    assertThat(row.getElapsedSeconds()).isPositive();
    assertThat(row.getValues())
        .containsKeys("system/cpu_percent", "system/threads", "system/machine.cpu_percent");
    assertThat(mark).containsOnlyKeys("RUNLEDGER_SAMPLED");
    assertThat(mark.get("RUNLEDGER_SAMPLED")).startsWith(Base32.encode(attempt()));
  }

  private InputStream endsWhenSampled() {
    byte[] end = "ended 0\n".getBytes(StandardCharsets.UTF_8);
    return new FilterInputStream(new ByteArrayInputStream(end)) {
      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        while (events(Topics.METRICS).isEmpty()) {
          LockSupport.parkNanos(20_000_000);
        }
        return super.read(into, offset, length);
      }
    };
  }

  private long attempt() throws IOException {
    return ((RunEvent) events(Topics.RUNS).get(0)).getAttemptId();
  }

  private void watch(String lines, String stderr) throws IOException {
    watch(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)), stderr, 0);
  }

  /** Returns what shows the command that it is sampled. */
  private Map<String, String> watch(InputStream lines, String stderr, int usageSeconds)
      throws IOException {
    Path own = Files.createFile(directory.resolve("stderr"));
    StderrTail tail = new StderrTail(Optional.empty(), own, OutputStream.nullOutputStream());
    Files.writeString(own, stderr, StandardOpenOption.APPEND);
    Launcher launcher = new Launcher(lines, new PrintStream(told, true, StandardCharsets.UTF_8));
    Configuration offline =
        Configuration.load(
            Map.of(Setting.SPOOL.key(), spool().toString(), Setting.SENDER_ENABLED.key(), "false"),
            Map.of("HOME", directory.toString()),
            Optional.empty());
    try (Tracker tracker = Tracker.openToWatch(offline);
        WatchedRun run = tracker.watch(RunOptions.builder("p", "n").build(), true)) {
      new WatchedCommand(launcher, run, usageSeconds, tail).watch();
      return run.sampledMark();
    }
  }

  private Path spool() {
    return directory.resolve("spool");
  }

  /** Status, exit code, reason and source of each change. */
  private List<String> statuses() throws IOException {
    return events(Topics.RUNS).stream()
        .map(event -> ((RunEvent) event).getEvent())
        .filter(RunStatusChanged.class::isInstance)
        .map(RunStatusChanged.class::cast)
        .map(
            change ->
                "%s %s %s %s"
                    .formatted(
                        change.getStatus(),
                        change.getExitCode(),
                        change.getReason(),
                        change.getSource()))
        .toList();
  }

  private List<SpecificRecord> events(Topics topic) throws IOException {
    return SpooledEvents.of(spool(), topic);
  }
}
