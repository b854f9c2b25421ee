package io.runledger.service.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.sqlite.SqliteLocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The name of a service in its group: one a database, however its path is written. */
class InstanceIdTest {

  @TempDir private Path directory;

  private static String of(Path database) {
    return InstanceId.of(new SqliteLocation(database));
  }

  @Test
  void aRestartHasTheSameNameAndAnotherDatabaseAnother() {
    assertThat(of(directory.resolve("a.db"))).isEqualTo(of(directory.resolve("a.db")));
    assertThat(of(directory.resolve("a.db"))).isNotEqualTo(of(directory.resolve("b.db")));
  }

  @Test
  void aPathThroughALinkIsTheSameDatabase() throws IOException {
    Path there = Files.createDirectory(directory.resolve("there"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), there);

    assertThat(of(link.resolve("a.db"))).isEqualTo(of(there.resolve("a.db")));
    assertThat(of(there.resolve("..").resolve("there").resolve("a.db")))
        .isEqualTo(of(there.resolve("a.db")));
  }

  @Test
  void itHasOnlyCharactersThatKafkaAllowsInNames() {
    assertThat(of(directory.resolve("a b:ü.db"))).matches("[A-Za-z0-9._-]+-[0-9a-f]{12}");
  }
}
