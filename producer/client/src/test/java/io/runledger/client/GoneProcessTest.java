package io.runledger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.client.sender.EventProducer;
import io.runledger.client.sender.SpoolSender;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStatusChanged;
import io.runledger.spool.LivingProcess;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import io.runledger.spool.values.JobEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A process of this machine that is gone without reporting an end is noticed, and no other one is.
 */
@Timeout(60)
class GoneProcessTest {

  private static final RunKey KEY = RunKey.of("gone", null, null, null, null, 1L);
  private static final RunId RUN = RunId.of(KEY);
  private static final long ATTEMPT = 77;
  private static final long WRITER = 78;

  @TempDir private Path spool;
  private final List<RunEvent> sent = new CopyOnWriteArrayList<>();
  private Optional<SpoolSender> sender = Optional.empty();
  private Optional<Process> command = Optional.empty();

  @AfterEach
  void end() {
    sender.ifPresent(SpoolSender::close);
    command.ifPresent(Process::destroyForcibly);
  }

  @Test
  void aCommandThatOutlivesItsWrapperIsSaidToBeGoneWhenItIs() throws Exception {
    Process running = process("sleep", "100");
    writerOf(living(running));
    send();
    await().until(() -> sent.size() == 1);
    assertThat(sender.orElseThrow().awaitIdle(Duration.ofSeconds(20))).isTrue();
    assertThat(writers()).as("it may still end").hasSize(1);

    running.destroyForcibly().waitFor();

    await().until(() -> writers().isEmpty());
    assertThat(sent).hasSize(2);
    RunEvent last = sent.get(1);
    assertThat(last.getRunId()).isEqualTo(RUN.value());
    assertThat(last.getAttemptId()).isEqualTo(ATTEMPT);
    assertThat(last.getWriterId()).isGreaterThan(WRITER);
    RunStatusChanged said = (RunStatusChanged) last.getEvent();
    assertThat(said.getStatus()).isEqualTo("failed");
    assertThat(said.getSource()).isEqualTo("observer");
    assertThat(said.getExitCode()).as("nobody saw one").isNull();
    assertThat(said.getReason())
        .contains("process " + running.pid(), "is gone, and no end was reported");
  }

  @Test
  void aNumberThatAnotherProcessHasNowIsNoSignOfLife() throws Exception {
    LivingProcess mine = living(ProcessHandle.current().pid());
    writerOf(new LivingProcess(RUN, ATTEMPT, mine.boot(), mine.namespace(), mine.pid(), "1234567"));

    send();

    await().until(() -> writers().isEmpty());
    assertThat(sent).hasSize(2);
  }

  @Test
  void processesOfOtherMachinesAndContainersAreNotJudged() throws Exception {
    LivingProcess gone = living(ProcessHandle.current().pid());
    for (LivingProcess elsewhere :
        List.of(
            new LivingProcess(RUN, ATTEMPT, "another-boot", gone.namespace(), 1, "1"),
            new LivingProcess(RUN, ATTEMPT, gone.boot(), "pid:[1]", 1, "1"))) {
      sent.clear();
      writerOf(elsewhere);

      send();

      await().until(() -> writers().isEmpty());
      assertThat(sent).hasSize(1).allMatch(event -> event.getEvent() instanceof Heartbeat);
      sender.orElseThrow().close();
    }
  }

  @Test
  void whoSaysAnEndOrLeavesInOrderIsNotWatched() throws Exception {
    Configuration configuration =
        Configuration.load(
            Map.of(Setting.SPOOL.key(), spool.toString(), "sender.enabled", "false"),
            Map.of(),
            Optional.empty());
    try (Tracker tracker = Tracker.open(configuration)) {
      RunHandle ended = tracker.start(KEY, Map.of());
      assertThat(notes()).hasSize(1);
      ended.complete();
      assertThat(notes()).isEmpty();
      tracker.start(RunKey.of("gone", null, null, null, null, 2L), Map.of());
      assertThat(notes()).hasSize(1);
    }

    assertThat(notes()).isEmpty();
  }

  @Test
  void theFileOfAPythonThatWasKilledIsEnded() throws Exception {
    Files.writeString(
        spool.resolve("killed.jsonl"),
        line(true, host(), gonePid()) + "{\"metrics\":{\"loss\":1},\"st");

    send();

    await().until(() -> !Files.exists(spool.resolve("killed.jsonl")));
    RunStatusChanged said = (RunStatusChanged) sent.get(sent.size() - 1).getEvent();
    assertThat(said.getStatus()).isEqualTo("failed");
    assertThat(said.getSource()).isEqualTo("observer");
    assertThat(said.getExitCode()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"alive", "elsewhere", "who takes part", "a script"})
  void theFilesOfOthersAreLeftAlone(String writer) throws Exception {
    String text =
        switch (writer) {
          case "alive" -> line(true, host(), ProcessHandle.current().pid());
          case "elsewhere" -> line(true, "another-host", gonePid());
          case "who takes part" ->
              line(true, host(), gonePid())
                  .replace(
                      "\"start\":{\"experiment\":\"gone\",\"seed\":1,",
                      "\"run_id\":\"%s\",\"attempt_id\":\"%s\",\"start\":{"
                          .formatted(RUN, Base32.encode(ATTEMPT)));
          default -> line(false, host(), gonePid());
        };
    Path file = Files.writeString(spool.resolve("other.jsonl"), text);

    send();
    await().until(() -> !sent.isEmpty());
    assertThat(sender.orElseThrow().awaitIdle(Duration.ofSeconds(20))).isTrue();

    assertThat(file).hasContent(text);
    assertThat(sent).noneMatch(event -> event.getEvent() instanceof RunStatusChanged);
  }

  private static String host() {
    return JobEnvironment.host(System.getenv()).orElseThrow();
  }

  private static long gonePid() throws Exception {
    Process process = new ProcessBuilder("true").start();
    assertThat(process.waitFor()).isZero();
    return process.pid();
  }

  private static String line(boolean locked, String host, long pid) {
    return "{\"at\":\"2026-11-28T15:00:00Z\",%s\"start\":{\"experiment\":\"gone\",\"seed\":1,\"host\":\"%s\",\"pid\":%d}}\n"
        .formatted(locked ? "\"locked\":true," : "", host, pid);
  }

  private Process process(String... words) throws IOException {
    Process process = new ProcessBuilder(words).start();
    command = Optional.of(process);
    return process;
  }

  private static LivingProcess living(Process process) {
    return living(process.pid());
  }

  private static LivingProcess living(long pid) {
    return LivingProcess.of(RUN, ATTEMPT, pid).orElseThrow();
  }

  /** What a killed wrapper leaves. */
  private void writerOf(LivingProcess process) throws IOException {
    try (SpoolWriter writer = SpoolWriter.create(spool, WRITER, 1 << 20, 1 << 20, 1 << 20)) {
      writer.append(
          Topics.RUNS,
          seq -> new RunEvent(RUN.value(), ATTEMPT, WRITER, seq, Instant.now(), new Heartbeat(30)));
      process.write(writer.directory());
    }
  }

  private void send() {
    MockProducer<byte[], byte[]> kafka =
        new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    EventProducer producer =
        new EventProducer(
            TopicNames.DEFAULT,
            Map.of(),
            1 << 20,
            (topic, event) -> {
              keep(event);
              return new byte[1];
            },
            properties -> kafka);
    Configuration configuration = Configuration.load(Map.of(), Map.of(), Optional.empty());
    sender = Optional.of(new SpoolSender(spool, configuration, 4, producer).start());
  }

  private void keep(SpecificRecord event) {
    if (event instanceof RunEvent run) {
      sent.add(run);
    }
  }

  private List<Path> writers() throws IOException {
    return SpoolDirectory.writers(spool);
  }

  private List<Path> notes() throws IOException {
    try (Stream<Path> files = Files.walk(spool)) {
      return files.filter(file -> file.endsWith(LivingProcess.FILE)).toList();
    }
  }
}
