package io.runledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.RunId;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.RunEvent;
import io.runledger.spool.SegmentReader;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be stored is counted, and the run reports it; the training never notices. */
class EventLogTest {

  private static final Heartbeat BEAT = new Heartbeat(30);

  @TempDir private Path spool;
  private Supplier<Instant> time = () -> Instant.EPOCH.plusNanos(1_999);
  private SpoolWriter writer;
  private EventLog log;

  private final Clock clock =
      new Clock() {
        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }

        @Override
        public Instant instant() {
          return time.get();
        }
      };

  @BeforeEach
  void openASpool() throws IOException {
    writer = SpoolWriter.create(spool, 77, 1 << 20, 1L << 30, 1 << 20);
    log = new EventLog(new RunId(5), 2, 77, writer, clock);
  }

  @AfterEach
  void close() throws IOException {
    writer.close();
  }

  private List<RunEvent> stored() throws IOException {
    List<RunEvent> events = new ArrayList<>();
    for (Path segment : SpoolDirectory.segments(writer.directory(), Topics.RUNS).values()) {
      try (SegmentReader reader = SegmentReader.open(Topics.RUNS, segment)) {
        reader.read(0, true).events().forEach(event -> events.add((RunEvent) event));
      }
    }
    return events;
  }

  @Test
  void eventsAreNumberedAndTimedToTheMicrosecond() throws IOException {
    log.append(BEAT);
    log.append(BEAT);

    assertThat(stored()).extracting(RunEvent::getSeq).containsExactly(0L, 1L);
    assertThat(stored()).extracting(RunEvent::getAt).containsOnly(Instant.EPOCH.plusNanos(1_000));
  }

  @Test
  void whatCouldNotBeMadeIsToldByTheNextEventThatCan() throws IOException {
    for (int i = 0; i < 3; i++) {
      log.append(
          Topics.METRICS,
          envelope -> {
            throw new IllegalStateException("a value that nobody can read");
          });
    }
    assertThat(stored()).isEmpty();

    log.append(BEAT);

    assertThat(stored()).hasSize(2);
    EventsDropped dropped = (EventsDropped) stored().get(1).getEvent();
    assertThat(dropped.getTopic()).isEqualTo(Topics.METRICS.streamName());
    assertThat(dropped.getCount()).isEqualTo(3);
    log.append(BEAT);
    assertThat(stored()).as("it is told once").hasSize(3);
  }

  @Test
  void aSpoolThatCannotBeWrittenStopsNobody() {
    EventLog nowhere =
        new EventLog(
            new RunId(5),
            2,
            77,
            SpoolWriter.unusable(spool, new IOException("Read-only file system")),
            clock);

    nowhere.append(BEAT);
    nowhere.reportDropped();

    assertThat(nowhere.isClosed()).isFalse();
  }

  /** It went through log() into the training, which it ended. */
  @Test
  void anErrorWhileTheDroppedAreToldIsNotTheTrainings() throws IOException {
    log.count(Topics.METRICS, "the heap is full");
    List<Supplier<Instant>> times =
        new ArrayList<>(
            List.of(
                () -> Instant.EPOCH,
                () -> {
                  throw new NoClassDefFoundError("the file system is away");
                },
                () -> Instant.EPOCH,
                () -> Instant.EPOCH));
    time = () -> times.remove(0).get();

    log.append(BEAT);
    log.append(BEAT);

    assertThat(stored()).hasSize(3);
    assertThat(((EventsDropped) stored().get(2).getEvent()).getCount()).isEqualTo(1);
  }
}
