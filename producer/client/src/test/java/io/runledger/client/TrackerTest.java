package io.runledger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.runledger.client.sender.Undelivered;
import io.runledger.client.sender.WriterDirectory;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunDeleted;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunRestored;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.RunStatusChanged;
import io.runledger.spool.FollowedSpool;
import io.runledger.spool.SegmentReader;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import io.runledger.spool.SpooledEvents;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a job's calls leave in the spool, read back as a sender reads it. */
class TrackerTest {

  private static final RunKey KEY = RunKey.of("7", "mnist", "cnn", "s01", null, 3L);

  @TempDir private Path dir;

  @Test
  void whatWasLoggedIsInAFileWhenTheCallReturns() throws IOException {
    try (Tracker tracker = Tracker.open(configuration(Map.of()))) {
      RunHandle run = tracker.start(KEY, Map.of("lr", 0.1));
      run.log(Map.of("loss", Double.NaN, "f1", 0.5), At.step(7).epoch(1).elapsed(2.5));

      assertThat(events(Topics.METRICS))
          .singleElement()
          .satisfies(
              event -> {
                MetricsLogged logged = (MetricsLogged) event;
                assertThat(logged.getRunId()).isEqualTo(run.runId().value());
                assertThat(logged.getFirstSeq()).isZero();
                assertThat(logged.getRows().get(0).getValues())
                    .containsEntry("loss", Double.NaN)
                    .containsEntry("f1", 0.5);
                assertThat(logged.getRows().get(0).getStep()).isEqualTo(7);
              });
      assertThat(kinds())
          .as("killed now, the run falls silent later")
          .hasExactlyElementsOfTypes(RunStarted.class, Heartbeat.class);
    }
  }

  @Test
  void closingDoesNotWaitForABrokerThatNobodyHasNamedAndThatIsNotThere() {
    assumeTrue(isFree(9092) && isFree(8081), "a broker or a registry runs here");
    Configuration unconfigured =
        Configuration.load(
            Map.of(Setting.SPOOL.key(), dir.resolve("spool").toString()),
            Map.of("HOME", dir.toString()),
            Optional.empty());
    Tracker tracker = Tracker.open(unconfigured);
    tracker.start(KEY, Map.of()).close();

    long began = System.nanoTime();
    tracker.close();

    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(4));
  }

  private static boolean isFree(int port) {
    try {
      new Socket(InetAddress.getLoopbackAddress(), port).close();
      return false;
    } catch (IOException refused) {
      return true;
    }
  }

  @Test
  void anExceptionInTheBodyIsRecordedAndThrownOn() throws Exception {
    try (Tracker tracker = Tracker.open(configuration(Map.of()))) {
      assertThatThrownBy(
              () ->
                  tracker.useRun(
                      KEY,
                      Map.of(),
                      run -> {
                        throw new IllegalStateException("the data is damaged");
                      }))
          .hasMessage("the data is damaged");
    }

    assertThat(statuses()).containsExactly("failed");
    assertThat(events(Topics.ERRORS))
        .singleElement()
        .satisfies(
            event ->
                assertThat(((ErrorLogged) event).getTraceback())
                    .contains("IllegalStateException: the data is damaged", "TrackerTest"));
  }

  @Test
  void aBodyThatItsProgramCancelsIsNoFailure() throws Exception {
    try (Tracker tracker = Tracker.open(configuration(Map.of()))) {
      assertThatThrownBy(
              () ->
                  tracker.useRun(
                      KEY,
                      Map.of(),
                      run -> {
                        throw new CancellationException("asked to leave");
                      }))
          .isInstanceOf(CancellationException.class);
    }

    assertThat(statuses()).containsExactly("completed");
    assertThat(events(Topics.ERRORS)).isEmpty();
  }

  @Test
  void anExceptionThatEndsTheThreadFailsTheRunThatItsBlockHadClosed() throws Exception {
    Thread thread =
        new Thread(
            () -> {
              try (Tracker tracker = Tracker.open(configuration(Map.of()));
                  RunHandle run = tracker.start(KEY, Map.of())) {
                run.log("loss", 1, At.step(1));
                throw new IllegalStateException("nobody catches this");
              }
            });
    thread.start();
    thread.join();

    assertThat(statuses()).containsExactlyInAnyOrder("completed", "failed");
    assertThat(events(Topics.ERRORS)).hasSize(1);
    assertThat(SpoolDirectory.writers(spool()))
        .as("the failure comes from a newer writer, whose word counts")
        .hasSize(2);
  }

  @Test
  void aDiskThatIsSlowToCloseTheRunDoesNotHideTheExceptionThatEndedIt() throws Exception {
    List<RunHandle> started = new ArrayList<>();
    LongSupplier before = UncaughtExceptions.clock;
    UncaughtExceptions.clock =
        () ->
            started.stream().allMatch(run -> run.events().isClosed())
                ? Duration.ofHours(1).toNanos()
                : 0;
    try {
      Thread thread =
          new Thread(
              () -> {
                try (Tracker tracker = Tracker.open(configuration(Map.of()));
                    RunHandle run = tracker.start(KEY, Map.of())) {
                  started.add(run);
                  throw new IllegalStateException("nobody catches this");
                }
              });
      thread.start();
      thread.join();
    } finally {
      UncaughtExceptions.clock = before;
    }

    assertThat(statuses()).containsExactlyInAnyOrder("completed", "failed");
  }

  @Test
  void anExceptionThatEndsTheThreadFailsTheRunThatItsTrackerLeftOpen() throws Exception {
    Thread thread =
        new Thread(
            () -> {
              try (Tracker tracker = Tracker.open(configuration(Map.of()))) {
                tracker.start(KEY, Map.of());
                throw new IllegalStateException("nobody catches this");
              }
            });
    thread.start();
    thread.join();

    assertThat(statuses()).containsExactly("failed");
    assertThat(events(Topics.ERRORS)).hasSize(1);
  }

  @Test
  void aRunBeforeTheOneThatAnExceptionEndsStaysCompleted() throws Exception {
    try (Tracker tracker = Tracker.open(configuration(Map.of()))) {
      Thread thread =
          new Thread(
              () -> {
                try (RunHandle first = tracker.start(KEY, Map.of())) {
                  first.log("loss", 1, At.step(1));
                }
                tracker.start("vision", "second", Map.of());
                throw new IllegalStateException("nobody catches this");
              });
      thread.start();
      thread.join();
    }

    assertThat(statuses())
        .as("of the first its end, of the second its failure")
        .containsExactlyInAnyOrder("completed", "failed");
    assertThat(events(Topics.ERRORS)).hasSize(1);
  }

  @Test
  void runsThatEndedWellBeforeAreNotFailedByALaterException() throws Exception {
    try (Tracker tracker = Tracker.open(configuration(Map.of()))) {
      Thread thread =
          new Thread(
              () -> {
                RunHandle first = tracker.start(KEY, Map.of());
                first.complete();
                first.close();
                throw new IllegalStateException("afterwards");
              });
      thread.start();
      thread.join();
    }

    assertThat(statuses()).containsExactly("completed");
  }

  @Test
  void whatDoesNotFitIsCountedAndTheLifecycleIsKept() throws IOException {
    try (Tracker tracker =
        Tracker.open(configuration(Map.of(Setting.SPOOL_MAX_BYTES, Integer.toString(1_100_000))))) {
      RunHandle run = tracker.start(KEY, Map.of());
      for (int i = 0; i < 2_000; i++) {
        run.log("loss", i, At.step(i));
      }
      run.close();
    }

    long kept = events(Topics.METRICS).size();
    assertThat(kept).isBetween(1L, 1_999L);
    assertThat(statuses()).containsExactly("completed");
    assertThat(kinds())
        .filteredOn(EventsDropped.class::isInstance)
        .extracting(kind -> ((EventsDropped) kind).getCount())
        .satisfies(
            counts ->
                assertThat(counts.stream().mapToLong(Long::longValue).sum())
                    .isEqualTo(2_000 - kept));
  }

  @Test
  void anEventThatIsTooLargeForTheBrokerIsDroppedAndTold() throws IOException {
    try (Tracker tracker = Tracker.open(configuration(Map.of()))) {
      RunHandle run = tracker.start(KEY, Map.of());
      run.results(Map.of("text", "x".repeat(2_000_000)));
      run.results(Map.of("best", 0.1));
      run.close();
    }

    assertThat(kinds()).filteredOn(ResultsRecorded.class::isInstance).hasSize(1);
    assertThat(kinds())
        .filteredOn(EventsDropped.class::isInstance)
        .extracting(kind -> ((EventsDropped) kind).getReason())
        .singleElement()
        .asString()
        .contains("record.max.bytes");
  }

  @Test
  void aCallThatIsTooWideForARecordIsSplitAndNotDropped() throws IOException {
    Map<String, Double> wide = new HashMap<>();
    for (int i = 0; i < 100_000; i++) {
      wide.put("layer%06d/norm".formatted(i), (double) i);
    }
    try (Tracker tracker = Tracker.open(configuration(Map.of()))) {
      RunHandle run = tracker.start(KEY, Map.of());
      run.log(wide, At.step(0));
      run.close();
    }

    Map<String, Double> logged = new HashMap<>();
    events(Topics.METRICS)
        .forEach(event -> logged.putAll(((MetricsLogged) event).getRows().get(0).getValues()));
    assertThat(logged).isEqualTo(wide);
    assertThat(kinds()).noneMatch(EventsDropped.class::isInstance);
  }

  @Test
  void anOperatorsWordOnARunIsAnEventLikeAllOthers() throws IOException {
    RunId run = RunId.of(KEY);
    try (Tracker tracker = Tracker.open(configuration(Map.of()))) {
      try (OperatedRun operated = tracker.operate(run, OptionalLong.of(7))) {
        operated.delete(Optional.of("see https://u:p@host/x"));
        operated.annotate(Optional.of("n"), List.of("a"), List.of("b"));
      }
      try (OperatedRun operated = tracker.operate(run, OptionalLong.empty())) {
        operated.restore(Optional.empty());
        operated.rename("see https://u:p@host/y");
        assertThatIllegalArgumentException().isThrownBy(() -> operated.rename(" "));
      }
    }

    assertThat(kinds())
        .containsExactlyInAnyOrder(
            new RunDeleted("see https://********@host/x"),
            new RunAnnotated("n", List.of("a"), List.of("b"), null),
            new RunRestored(null),
            new RunAnnotated(null, List.of(), List.of(), "see https://********@host/y"));
    assertThat(events(Topics.RUNS))
        .allMatch(event -> ((RunEvent) event).getRunId() == run.value())
        .extracting(event -> ((RunEvent) event).getAttemptId() == 7)
        .containsExactlyInAnyOrder(true, true, false, false);
  }

  @Test
  void aJobGivesItsRunAnotherName() throws IOException {
    try (Tracker tracker = Tracker.open(configuration(Map.of()))) {
      RunHandle run = tracker.start(KEY, Map.of());
      run.rename("the baseline");
      run.rename(null);
      run.rename(" ");
      run.close();
    }

    assertThat(kinds())
        .contains(new RunAnnotated(null, List.of(), List.of(), "the baseline"))
        .filteredOn(RunAnnotated.class::isInstance)
        .hasSize(1);
    assertThat(kinds()).anyMatch(EventsDropped.class::isInstance);
  }

  @Test
  void secretsAreMaskedAndOddValuesAreTexts() throws IOException {
    Map<String, Object> odd = new HashMap<>();
    odd.put("db", Map.of("password", "hunter2", "timeout", Duration.ofSeconds(3)));
    odd.put("urls", List.of("https://ana:hunter2@host/x"));
    odd.put("lr", 0.1);
    odd.put("itself", odd);
    try (Tracker tracker = Tracker.open(configuration(Map.of()))) {
      tracker.start(KEY, odd).close();
      tracker.start(KEY, null).close();
    }

    String config = ((RunStarted) kinds().get(0)).getConfig();
    assertThat(config).doesNotContain("hunter2").contains("\"lr\":0.1", "\"timeout\":\"PT3S\"");
  }

  @Test
  void aLockThatThisProcessHoldsIsNotLostByLookingAtIt() throws Exception {
    try (Tracker tracker = Tracker.open(configuration(Map.of()))) {
      tracker.start(KEY, Map.of());
      Path writer = SpoolDirectory.writers(spool()).get(0);

      try (WriterDirectory seen = WriterDirectory.open(writer, new Undelivered()).orElseThrow()) {
        assertThat(seen.writerIsGone()).isFalse();
        assertThat(seen.writerIsGone()).isFalse();
      }

      assertThat(lockedForOthers(writer.resolve(SpoolWriter.LOCK_FILE))).isTrue();
    }
  }

  @Test
  void halfAnEventAtTheEndIsWaitedForAndDamageIsSkipped() throws IOException {
    try (Tracker tracker = Tracker.open(configuration(Map.of()))) {
      RunHandle run = tracker.start(KEY, Map.of());
      for (int i = 0; i < 8; i++) {
        run.log("loss", i, At.step(i));
      }
    }
    Path segment =
        SpoolDirectory.segments(SpoolDirectory.writers(spool()).get(0), Topics.METRICS).get(1);
    byte[] whole = Files.readAllBytes(segment);
    int header = headerBytes(whole);
    for (int length = header; length <= whole.length; length += 3) {
      Files.write(segment, Arrays.copyOf(whole, length));
      try (SegmentReader reader = SegmentReader.open(Topics.METRICS, segment)) {
        SegmentReader.Chunk chunk = reader.read(0, false);
        assertThat(chunk.damagedBytes()).isZero();
        assertThat(chunk.events()).hasSizeLessThanOrEqualTo(8);
      }
    }
    for (int at = header; at < whole.length; at += 5) {
      byte[] flipped = whole.clone();
      flipped[at] ^= 0x10;
      Files.write(segment, flipped);
      try (SegmentReader reader = SegmentReader.open(Topics.METRICS, segment)) {
        List<SpecificRecord> events = reader.read(0, true).events();
        assertThat(events).hasSizeBetween(5, 8);
        for (SpecificRecord event : events) {
          MetricsLogged logged = (MetricsLogged) event;
          assertThat(logged.getRows().get(0).getValues())
              .containsEntry("loss", (double) logged.getFirstSeq());
        }
      }
    }
  }

  private static int headerBytes(byte[] whole) {
    // The sync marker ends the header and the file alike.
    byte[] sync = Arrays.copyOfRange(whole, whole.length - 16, whole.length);
    for (int i = 0; ; i++) {
      if (Arrays.equals(whole, i, i + 16, sync, 0, 16)) {
        return i + 16;
      }
    }
  }

  /** Asks from another process, because a lock means nothing inside its own. */
  private static boolean lockedForOthers(Path file) throws IOException, InterruptedException {
    Process other = new ProcessBuilder("python3", "-c", PROBE, file.toString()).inheritIO().start();
    return other.waitFor() == 3;
  }

  private static final String PROBE =
      """
      import fcntl, sys
      try:
          fcntl.lockf(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)
      except OSError:
          sys.exit(3)
      """;

  @Test
  void atADeskNothingIsSentAndNobodyWaitsForABroker() throws IOException {
    FollowedSpool.follow(spool());
    Configuration desk =
        Configuration.load(
            Map.of(Setting.SPOOL.key(), spool().toString()),
            Map.of("HOME", dir.toString()),
            Optional.empty());
    Set<Thread> before = senders();

    try (Tracker tracker = Tracker.open(desk)) {
      tracker.start(KEY, Map.of()).log(Map.of("loss", 0.5));

      assertThat(before).containsAll(senders());
    }

    assertThat(events(Topics.METRICS)).hasSize(1);
  }

  private static Set<Thread> senders() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("runledger-sender"))
        .collect(Collectors.toSet());
  }

  private Path spool() {
    return dir.resolve("spool");
  }

  private Configuration configuration(Map<Setting, String> settings) {
    Configuration configuration =
        Configuration.load(
            Map.of(Setting.SPOOL.key(), spool().toString(), Setting.SENDER_ENABLED.key(), "false"),
            Map.of("HOME", dir.toString()),
            Optional.empty());
    for (Map.Entry<Setting, String> setting : settings.entrySet()) {
      configuration = configuration.with(setting.getKey(), setting.getValue());
    }
    return configuration;
  }

  private List<SpecificRecord> events(Topics topic) throws IOException {
    return SpooledEvents.of(spool(), topic);
  }

  private List<Object> kinds() throws IOException {
    return events(Topics.RUNS).stream().map(event -> ((RunEvent) event).getEvent()).toList();
  }

  private List<String> statuses() throws IOException {
    return kinds().stream()
        .filter(RunStatusChanged.class::isInstance)
        .map(kind -> ((RunStatusChanged) kind).getStatus())
        .toList();
  }
}
