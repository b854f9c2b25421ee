package io.runledger.client.sender;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.spool.SegmentReader;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import io.runledger.spool.values.JobEnvironment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files of a spool that somebody removes while their writer lives, and those that nobody may. */
@Timeout(60)
class RemovedSpoolFilesTest {

  private static final long WRITER = 77;
  private static final Duration OLD = Duration.ofDays(8);

  @TempDir private Path spool;
  private final Undelivered undelivered = new Undelivered();
  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final List<SpecificRecord> sent = new ArrayList<>();
  private final EventProducer producer =
      new EventProducer(
          TopicNames.DEFAULT,
          Map.of(),
          1 << 20,
          (topic, event) -> {
            sent.add(event);
            return new byte[16];
          },
          properties -> kafka);

  @Test
  void aDirectoryRemovedUnderALivingWriterComesBackWithAllItsEvents() throws Exception {
    try (SpoolWriter writer = writer()) {
      append(writer, 0, 3);
      removeAll(writer.directory());
      append(writer, 3, 5);

      writer.restoreIfRemoved();
      append(writer, 5, 7);

      assertThat(read(writer.directory())).isEqualTo(upTo(7));
      assertThat(isLockedForOthers(writer.directory().resolve(SpoolWriter.LOCK_FILE))).isTrue();
    }
  }

  @Test
  void aSegmentThatIsRemovedOrReplacedComesBackAndNothingElseIsTouched() throws IOException {
    try (SpoolWriter writer = writer()) {
      append(writer, 0, 3);
      Path segment = writer.directory().resolve(SpoolDirectory.segmentName(Topics.METRICS, 1));
      Files.delete(segment);
      Files.writeString(segment, "somebody else's");

      writer.restoreIfRemoved();
      append(writer, 3, 4);

      assertThat(read(writer.directory())).isEqualTo(upTo(4));
    }
  }

  @Test
  void theLockOfALivingWriterThatACleanerRemovedIsTakenAgain() throws Exception {
    try (SpoolWriter writer = writer()) {
      append(writer, 0, 1);
      Path lock = writer.directory().resolve(SpoolWriter.LOCK_FILE);
      Files.delete(lock);

      writer.restoreIfRemoved();

      assertThat(isLockedForOthers(lock)).isTrue();
      assertThat(WriterDirectory.isWrittenHere(writer.directory())).isTrue();
    }
  }

  @Test
  void aSenderThatFindsNoLockTakesTheWriterForALivingOne() throws IOException {
    Path directory;
    try (SpoolWriter writer = writer()) {
      append(writer, 0, 1);
      directory = writer.directory();
    }
    Files.delete(directory.resolve(SpoolWriter.LOCK_FILE));

    try (WriterDirectory source = WriterDirectory.open(directory, undelivered).orElseThrow()) {
      assertThat(source.writerIsGone()).isFalse();
    }
    assertThat(directory.resolve(SpoolWriter.LOCK_FILE)).doesNotExist();
    FileTime old = FileTime.from(Instant.now().minus(OLD));
    Files.setLastModifiedTime(
        directory.resolve(SpoolDirectory.segmentName(Topics.METRICS, 1)), old);
    try (WriterDirectory source = WriterDirectory.open(directory, undelivered).orElseThrow()) {
      assertThat(source.writerIsGone()).as("nothing came for a week").isTrue();
    }
  }

  @Test
  void aSenderFollowsADirectoryThatItsWriterPutBack() throws IOException {
    try (SpoolWriter writer = writer()) {
      append(writer, 0, 3);
      OpenSources sources = sources(4);
      drain(sources);
      removeAll(writer.directory());
      append(writer, 3, 5);
      writer.restoreIfRemoved();

      drainUntil(sources, 5);

      assertThat(seqs()).containsAll(upTo(5));
    }
  }

  @Test
  void aSenderFollowsASegmentThatItsWriterPutBack() throws IOException {
    try (SpoolWriter writer = writer()) {
      append(writer, 0, 3);
      OpenSources sources = sources(4);
      drain(sources);
      Files.delete(writer.directory().resolve(SpoolDirectory.segmentName(Topics.METRICS, 1)));
      drain(sources);
      append(writer, 3, 4);
      writer.restoreIfRemoved();
      append(writer, 4, 5);

      drainUntil(sources, 5);

      assertThat(seqs()).isEqualTo(upTo(5));
    }
  }

  @Test
  void anOldFileWhoseWriterHoldsItsLockStays() throws Exception {
    Path file = lines("held.jsonl", "\"locked\":true,\"start\":{\"experiment\":\"e\"}");
    Process holder =
        new ProcessBuilder("python3", "-c", HOLD, file.toString())
            .redirectErrorStream(true)
            .start();
    assertThat(holder.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("held");
    makeOld(file);

    OpenSources sources = sources(4);
    drain(sources);
    assertThat(file).exists();
    sources.close();

    holder.destroyForcibly().waitFor();
    drain(sources(4));
    assertThat(file).as("its writer is dead").doesNotExist();
  }

  @Test
  void anOldFileOfAWriterThatLocksNothingGoesOnlyWhenItsProcessIsKnownToBeDead() throws Exception {
    String host = JobEnvironment.host(System.getenv()).orElseThrow();
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    long living = ProcessHandle.current().pid();
    Path ofTheDead = lines("dead.jsonl", start(host, dead.pid()));
    Path ofTheLiving = lines("living.jsonl", start(host, living));
    Path ofElsewhere = lines("elsewhere.jsonl", start("another-host", dead.pid()));
    Path ofNobody = lines("script.jsonl", "\"start\":{\"experiment\":\"e\"}");
    for (Path file : List.of(ofTheDead, ofTheLiving, ofElsewhere, ofNobody)) {
      makeOld(file);
    }

    drain(sources(4));

    assertThat(ofTheDead).doesNotExist();
    assertThat(List.of(ofTheLiving, ofElsewhere, ofNobody)).allMatch(Files::exists);
  }

  @Test
  void aFileRemovedWhileItIsReadIsForgottenAndOneOfItsNameIsReadWhole() throws IOException {
    Path file = lines("job.jsonl", "\"start\":{\"experiment\":\"e\"}");
    OpenSources sources = sources(4);
    drain(sources);
    byte[] all = Files.readAllBytes(file);
    Path copy = spool.resolve("copy");
    Files.write(copy, all);
    Files.writeString(copy, "{\"metrics\":{\"x\":1}}\n", StandardOpenOption.APPEND);
    Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);

    drainUntil(sources, 1);

    assertThat(seqs()).containsExactly(0L);
  }

  private SpoolWriter writer() throws IOException {
    return SpoolWriter.create(spool, WRITER, 1 << 20, 1L << 30, 1 << 20);
  }

  private OpenSources sources(int places) {
    Configuration configuration =
        Configuration.load(
            Map.of(Setting.SPOOL.key(), spool.toString()),
            Map.of("HOME", spool.toString()),
            Optional.empty());
    return new OpenSources(spool, configuration, new SkippedWriters(), undelivered, places);
  }

  private void drain(OpenSources sources) throws IOException {
    sources.look();
    boolean busy = true;
    while (busy || sources.isWaiting()) {
      sources.fill();
      busy = round(sources);
    }
  }

  private void drainUntil(OpenSources sources, int metrics) throws IOException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (seqs().stream().distinct().count() < metrics && System.nanoTime() - end < 0) {
      drain(sources);
    }
  }

  private boolean round(OpenSources sources) throws IOException {
    boolean busy = false;
    for (SpoolSource source : sources.all()) {
      boolean waiting = source.send(producer);
      busy |= waiting;
      sources.setIdle(source, !waiting);
      if (!waiting && source.isDone()) {
        sources.remove(source);
      }
    }
    return busy;
  }

  private Path lines(String name, String first) throws IOException {
    return Files.writeString(spool.resolve(name), "{\"at\":1795000000," + first + "}\n");
  }

  private static String start(String host, long pid) {
    return "\"start\":{\"experiment\":\"e\",\"host\":\"%s\",\"pid\":%d}".formatted(host, pid);
  }

  private static void makeOld(Path file) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(OLD)));
  }

  private static void removeAll(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  private static void append(SpoolWriter writer, int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      writer.append(Topics.METRICS, RemovedSpoolFilesTest::metric);
    }
  }

  private static SpecificRecord metric(long seq) {
    Map<String, Double> values = Map.of("loss", (double) seq);
    return new MetricsLogged(
        1L, 2L, WRITER, seq, List.of(new MetricRow(Instant.EPOCH, seq, null, null, values)));
  }

  private static List<Long> upTo(int events) {
    return LongStream.range(0, events).boxed().toList();
  }

  private static List<Long> read(Path writer) throws IOException {
    List<Long> seqs = new ArrayList<>();
    for (Path segment : SpoolDirectory.segments(writer, Topics.METRICS).values()) {
      try (SegmentReader reader = SegmentReader.open(Topics.METRICS, segment)) {
        reader.read(0, false).events().forEach(e -> seqs.add(((MetricsLogged) e).getFirstSeq()));
      }
    }
    return seqs;
  }

  /** Numbers of the log calls that were sent, packed or not, in the order of sending. */
  private List<Long> seqs() {
    List<Long> seqs = new ArrayList<>();
    for (SpecificRecord event : sent) {
      if (event instanceof MetricsLogged calls) {
        for (int i = 0; i < calls.getRows().size(); i++) {
          seqs.add(calls.getFirstSeq() + i);
        }
      }
    }
    return seqs;
  }

  private static boolean isLockedForOthers(Path file) throws IOException, InterruptedException {
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

  private static final String HOLD =
      """
      import fcntl, sys, time
      file = open(sys.argv[1], 'r+')
      fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
      print('held', flush=True)
      time.sleep(60)
      """;
}
