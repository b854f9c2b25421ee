package io.runledger.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.RunId;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStatusChanged;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is gone is observed, not claimed to have said how it ended. */
class ObserverTest {

  @TempDir private Path spool;

  @Test
  void whatIsSaidIsAnEventOfTheRunByAWriterOfItsOwn() throws IOException {
    Observer.announce(spool, new LivingProcess(new RunId(5), 6, "boot", "ns", 4_711, "1"));

    List<Path> writers = SpoolDirectory.writers(spool);
    assertThat(writers).hasSize(1);
    Path segment = SpoolDirectory.segments(writers.get(0), Topics.RUNS).get(1);
    try (SegmentReader reader = SegmentReader.open(Topics.RUNS, segment)) {
      RunEvent said = (RunEvent) reader.read(0, true).events().get(0);
      assertThat(said.getRunId()).isEqualTo(5);
      assertThat(said.getAttemptId()).isEqualTo(6);
      RunStatusChanged status = (RunStatusChanged) said.getEvent();
      assertThat(status.getStatus()).isEqualTo("failed");
      assertThat(status.getSource()).isEqualTo("observer");
      assertThat(status.getExitCode()).as("nobody saw one").isNull();
      assertThat(status.getReason()).startsWith("process 4711").contains("is gone");
    }
  }

  @Test
  void asLinesItIsAStatusAndTheEndOfTheFile() {
    assertThat(Observer.line(4_711).lines())
        .hasSize(2)
        .satisfies(lines -> assertThat(lines.get(0)).contains("\"source\":\"observer\""))
        .last()
        .isEqualTo("{\"end\":true}");
  }
}
