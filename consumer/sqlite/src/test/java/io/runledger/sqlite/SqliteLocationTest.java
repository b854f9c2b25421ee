package io.runledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteLocationTest {

  @TempDir private Path dir;

  @Test
  void theDirectoriesThatItMakesForTheDatabaseAreTheirOwnersAlone() throws Exception {
    Path directory = dir.resolve("a").resolve("b");

    String identity = new SqliteLocation(directory.resolve("runledger.db")).identity();

    assertThat(identity).endsWith("/a/b/runledger.db");

    for (Path made : new Path[] {directory.getParent(), directory}) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
          .isEqualTo("rwx------");
    }
  }
}
