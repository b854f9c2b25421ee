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
    SqliteLocation location = new SqliteLocation(directory.resolve("runledger.db"));

    location.replace().close();

    for (Path made : new Path[] {directory.getParent(), directory}) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
          .isEqualTo("rwx------");
    }
  }

  @Test
  void whoOnlyAsksWhereItIsDoesNotBringARemovedDirectoryBack() throws Exception {
    Path link =
        Files.createSymbolicLink(dir.resolve("link"), Files.createDirectory(dir.resolve("real")));
    SqliteLocation location = new SqliteLocation(link.resolve("a/b/runledger.db"));

    String before = location.identity();
    Path requests = location.companion(".requests");

    assertThat(link.resolve("a")).doesNotExist();
    location.open().close();
    assertThat(before).endsWith("/real/a/b/runledger.db").isEqualTo(location.identity());
    assertThat(requests).isEqualTo(location.companion(".requests"));
  }
}
