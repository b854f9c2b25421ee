package io.runledger.service.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.schemas.Topics;
import io.runledger.service.log.LogReader;
import io.runledger.service.log.PositionCheck;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the reading half of a replay ends; it runs here on the thread of the test. */
@Timeout(60)
class ReplayReaderTest {

  private final LogInMemory log = new LogInMemory();
  private final Events events = Events.ofSeed(1);
  private final BlockingQueue<LogReader.Chunk> chunks = new ArrayBlockingQueue<>(1);

  private ReplayReader reader() {
    return new ReplayReader(
        log.reader(PositionCheck.beginnings(log.inspect()), log.ends(), LogInMemory.schemas()),
        chunks);
  }

  @AfterEach
  void theConsumerIsClosedWhateverHappened() {
    assertThat(log.isLeftAlone()).isTrue();
  }

  @Test
  void withTheFirstSliceComeTheSchemasThatItNeeds() {
    log.append(events.started());
    ReplayReader reader = reader();

    reader.run();

    assertThat(reader.failure()).isEmpty();
    assertThat(chunks.remove().schemas().keySet())
        .containsExactly(LogInMemory.schemaId(Topics.RUNS));
  }

  @Test
  void whoIsAskedToEndHasNotFailed() {
    log.append(events.started());
    ReplayReader reader = reader();
    reader.end();

    reader.run();

    assertThat(reader.failure()).isEmpty();
    assertThat(chunks).isEmpty();
  }

  @Test
  void whoIsInterruptedByOthersHasFailedAndSaysSo() {
    log.append(events.started());
    ReplayReader reader = reader();
    log.atPoll = () -> Thread.currentThread().interrupt();

    reader.run();

    assertThat(reader.failure())
        .hasValueSatisfying(why -> assertThat(why).hasMessageContaining("interrupted"));
  }
}
