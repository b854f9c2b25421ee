package io.runledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.Replacement;
import io.runledger.fold.projection.ReplacementRunningException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another generation in the place of a database, as a whole or not at all. */
class SqliteReplacementTest {

  @TempDir private Path directory;
  private SqliteLocation location;

  @BeforeEach
  void nameTheDatabase() {
    location = new SqliteLocation(directory.resolve("runledger.db"));
  }

  @Test
  void oneThatFailsLeavesNothingWhereThereWasNoDatabase() {
    try (Replacement replacement = location.replace()) {
      replacement.open().close();
    }

    assertThat(location.exists()).isFalse();
    assertThat(directory).isDirectoryNotContaining("glob:**.db");
  }

  @Test
  void oneThatFailsLeavesTheDatabaseThatWasThere() {
    Path before = SqliteProjection.open(location.database()).generation().file();

    try (Replacement replacement = location.replace()) {
      replacement.open().close();
    }

    assertThat(before).exists();
    assertThat(directory).isDirectoryNotContaining("glob:**-g000002.db");
  }

  @Test
  void oneThatIsPublishedTakesThePlaceOfTheOtherWhichItsReadersKeep() {
    location.open().close();

    try (Replacement replacement = location.replace()) {
      try (Projection filled = replacement.open()) {
        filled.finish();
      }
      replacement.publish();
    }

    assertThat(directory).isDirectoryContaining("glob:**-g000001.db");
    try (Projection current = location.open()) {
      assertThat(current.name()).endsWith("-g000002.db");
    }
  }

  @Test
  void onlyOneIsMadeAtATime() {
    try (Replacement replacement = location.replace()) {
      assertThatThrownBy(location::replace)
          .isInstanceOf(ReplacementRunningException.class)
          .hasMessageContaining("Another rebuild of")
          .hasMessageContaining("wait until it ends");
      assertThat(replacement).isNotNull();
    }
  }
}
