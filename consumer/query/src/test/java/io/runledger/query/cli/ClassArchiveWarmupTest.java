package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.query.Laboratory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ClassArchiveWarmupTest {

  @TempDir Path directory;

  @Test
  void everyVerbHasAnAnswer() {
    try (Laboratory laboratory = Laboratory.filled(directory)) {
      ListCommand list = new ListCommand();
      var unused = new CommandLine(list).parseArgs("--db", laboratory.location());

      assertThat(ClassArchiveWarmup.after(list)).isZero();
    }
  }

  @Test
  void afterAnythingElseNothingIsRead() {
    assertThat(ClassArchiveWarmup.after("sql")).isZero();
  }
}
