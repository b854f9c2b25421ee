package io.runledger.client.sender;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.spool.FollowedSpool;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import io.runledger.spool.SpooledEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is sent of a spool whose files are the log of a database stays there, and is sent once. */
@Timeout(60)
class FollowedSpoolTest {

  private static final long WRITER = 77;
  private static final String LINES =
      "{\"at\":\"2026-11-29T05:00:00Z\",\"start\":{\"experiment\":\"7\",\"seed\":1}}\n";

  @TempDir private Path spool;
  private final AtomicLong sent = new AtomicLong();

  @BeforeEach
  void follow() throws IOException {
    FollowedSpool.follow(spool);
  }

  /** How many records a sender sends that finds nothing more to do. */
  private long sentNow() throws Exception {
    sent.set(0);
    Configuration configuration =
        Configuration.load(
            Map.of(Setting.SPOOL.key(), spool.toString()),
            Map.of("HOME", spool.toString()),
            Optional.empty());
    MockProducer<byte[], byte[]> kafka =
        new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    EventProducer producer =
        new EventProducer(
            TopicNames.DEFAULT,
            Map.of(),
            1 << 20,
            (topic, event) -> {
              sent.incrementAndGet();
              return new byte[16];
            },
            properties -> kafka);
    try (SpoolSender sender = new SpoolSender(spool, configuration, 4, producer).start()) {
      assertThat(sender.awaitIdle(Duration.ofSeconds(30))).isTrue();
    }
    return sent.get();
  }

  private void write(int from, int to) throws IOException {
    try (SpoolWriter writer =
        SpoolWriter.create(spool, WRITER + from, 200, Long.MAX_VALUE, 1 << 16)) {
      for (int i = from; i < to; i++) {
        double value = i;
        writer.append(
            Topics.METRICS,
            seq ->
                new MetricsLogged(
                    5L,
                    6L,
                    WRITER + from,
                    seq,
                    List.of(
                        MetricRow.newBuilder()
                            .setAt(Instant.EPOCH)
                            .setValues(Map.of("loss", value))
                            .build())));
      }
    }
  }

  @Test
  void filesOfEveryKindStayAndAreSentOnce() throws Exception {
    write(0, 20);
    Path lines = Files.writeString(spool.resolve("job.jsonl"), LINES + "{\"end\":true}\n");
    byte[] before = Files.readAllBytes(lines);

    assertThat(sentNow()).isGreaterThan(1);

    assertThat(SpooledEvents.of(spool, Topics.METRICS)).hasSize(20);
    Path writer = SpoolDirectory.writers(spool).get(0);
    assertThat(SpoolDirectory.segments(writer, Topics.METRICS)).hasSizeGreaterThan(2);
    assertThat(lines).hasBinaryContent(before);
    assertThat(sentNow()).isZero();
    assertThat(SpoolRemains.of(spool).sentence()).isEmpty();
  }

  @Test
  void whatComesLaterIsSentAlone() throws Exception {
    write(0, 3);
    Path lines = Files.writeString(spool.resolve("job.jsonl"), LINES);
    sentNow();

    write(3, 4);
    Files.writeString(lines, "{\"metrics\":{\"loss\":1},\"step\":1}\n", StandardOpenOption.APPEND);

    assertThat(sentNow()).isEqualTo(2);
  }

  @Test
  void aDamagedSegmentStaysInItsPlace() throws Exception {
    write(0, 3);
    Path writer = SpoolDirectory.writers(spool).get(0);
    Path segment = SpoolDirectory.segments(writer, Topics.METRICS).get(1);
    Files.writeString(segment, "damage", StandardOpenOption.APPEND);

    sentNow();

    assertThat(segment).exists();
    assertThat(sentNow()).isZero();
  }
}
