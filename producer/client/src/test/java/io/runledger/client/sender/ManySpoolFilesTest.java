package io.runledger.client.sender;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.TopicNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A spool in which more lies than a process may have open. */
@Timeout(120)
class ManySpoolFilesTest {

  private static final int FILES = 1_500;
  private static final int PLACES = 4;

  @TempDir private Path spool;
  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final EventProducer producer =
      new EventProducer(
          TopicNames.DEFAULT,
          Map.of(),
          1 << 20,
          (topic, event) -> new byte[16],
          properties -> kafka);
  private final SkippedWriters unserved = new SkippedWriters();
  private OpenSources sources;

  @Test
  void aFewAreOpenAtATimeAndAllAreSent() throws IOException {
    for (int i = 0; i < FILES; i++) {
      write(i, true);
    }
    sources = sources();
    long before = descriptors();
    int mostOpen = 0;
    long mostDescriptors = 0;

    sources.look();
    while (!sources.all().isEmpty() || sources.isWaiting()) {
      if (sources.isMoreThere()) {
        sources.look();
      }
      sources.fill();
      round();
      mostOpen = Math.max(mostOpen, sources.all().size());
      mostDescriptors = Math.max(mostDescriptors, descriptors());
      answer();
    }

    assertThat(files()).isZero();
    assertThat(mostOpen).isEqualTo(PLACES);
    assertThat(mostDescriptors - before).isLessThan(PLACES * 5L);
    assertThat(kafka.history()).hasSize(2 * FILES);
  }

  @Test
  void thoseInWhichNothingWaitsMakeRoomAndAreTakenUpAgainWhenTheyGrow() throws IOException {
    for (int i = 0; i < 50; i++) {
      write(i, false);
    }
    sources = sources();
    sendAll();
    int sent = kafka.history().size();

    sources.look();
    assertThat(sources.isWaiting()).as("nothing is due").isFalse();
    Files.writeString(file(17), "{\"metrics\":{\"loss\":2}}\n", StandardOpenOption.APPEND);
    sendAll();

    assertThat(sources.all()).hasSizeLessThanOrEqualTo(PLACES);
    assertThat(kafka.history()).as("only what is new").hasSize(sent + 1);
  }

  @Test
  void whatTheBrokerDoesNotTakeHoldsItsPlacesAndNoMore() throws IOException {
    for (int i = 0; i < 50; i++) {
      write(i, true);
    }
    sources = sources();
    for (int i = 0; i < 20; i++) {
      sources.look();
      sources.fill();
      round();
    }

    assertThat(sources.all()).hasSize(PLACES);
    assertThat(unserved.sentence()).isEmpty();
  }

  private void sendAll() throws IOException {
    sources.look();
    boolean busy = true;
    while (busy || sources.isWaiting()) {
      sources.fill();
      busy = round();
      answer();
    }
  }

  private void answer() {
    boolean more = true;
    while (more) {
      more = kafka.completeNext();
    }
  }

  private boolean round() throws IOException {
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

  private OpenSources sources() {
    Configuration configuration =
        Configuration.load(
            Map.of(Setting.SPOOL.key(), spool.toString()),
            Map.of("HOME", spool.toString()),
            Optional.empty());
    return new OpenSources(spool, configuration, unserved, new Undelivered(), PLACES);
  }

  private Path file(int number) {
    return spool.resolve("f%06d.jsonl".formatted(number));
  }

  private void write(int number, boolean ended) throws IOException {
    Files.writeString(
        file(number),
        """
        {"at":1795000000,"start":{"experiment":"many","seed":%d}}
        {"metrics":{"loss":1}}
        """
                .formatted(number)
            + (ended ? "{\"end\":true}\n" : ""));
  }

  private long files() throws IOException {
    try (Stream<Path> all = Files.list(spool)) {
      return all.count();
    }
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }
}
