package io.runledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.fold.projection.ProjectionUnreadableException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A reader of ours never holds an old state for long. */
class SqliteReaderTest {

  /** On a busy machine, too: it bounds what must be stopped and what must be answered alike. */
  private static final Duration ENOUGH_FOR_POSITIONS = Duration.ofSeconds(3);

  @TempDir private Path directory;

  @Test
  @Timeout(60)
  void aStatementIsStoppedAtItsLimitAndTheNextOneIsAnswered() {
    Path database = directory.resolve("runledger.db");
    SqliteProjection.open(database).close();
    try (SqliteReader open = SqliteReader.open(database, ENOUGH_FOR_POSITIONS)) {
      assertThatThrownBy(
              () ->
                  open.number(
                      """
                      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                      SELECT count(*) FROM n
                      """))
          .isInstanceOf(ProjectionUnreadableException.class)
          .hasMessageContaining("was stopped after 3000 ms");
      assertThat(open.positions()).isEmpty();
      assertThat(open.integrity()).isEqualTo("ok");
    }
  }
}
