package io.runledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmptyDatabaseTest {

  @TempDir private Path dir;

  @Test
  void isTheSameBytesEachTimeAndOneFile() throws Exception {
    EmptyDatabase.write(dir.resolve("first/empty.db"));
    EmptyDatabase.write(dir.resolve("second/empty.db"));

    assertThat(dir.resolve("first/empty.db"))
        .hasSameBinaryContentAs(dir.resolve("second/empty.db"));
    assertThat(dir.resolve("first").toFile().list()).containsExactly("empty.db");
  }

  @Test
  void aCopyIsTakenForADatabaseThatNobodyHasFilledYet() throws Exception {
    EmptyDatabase.write(dir.resolve("empty.db"));
    Path file = Files.copy(dir.resolve("empty.db"), dir.resolve("runs-g000004.db"));
    Files.createSymbolicLink(dir.resolve("runs.db"), file.getFileName());

    try (SqliteProjection projection = SqliteProjection.open(dir.resolve("runs.db"))) {
      assertThat(projection.positions()).isEmpty();
      assertThat(projection.gaps()).isZero();
      assertThat(projection.generation().number()).isEqualTo(4);
    }
  }
}
