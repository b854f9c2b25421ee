package io.runledger.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileIdentityTest {

  @TempDir private Path directory;

  @Test
  void aFileIsTheSameUnderAnotherNameAndAnotherFileIsNotUnderItsOwn() throws IOException {
    Path file = Files.createFile(directory.resolve("a"));
    FileIdentity identity = FileIdentity.of(file);
    assertThat(identity.standsAt(file)).isTrue();

    Path moved = Files.move(file, directory.resolve("b"));
    assertThat(identity.standsAt(file)).as("nothing stands there").isFalse();
    Files.createFile(file);

    assertThat(identity.standsAt(file)).isFalse();
    assertThat(identity.standsAt(moved)).isTrue();
  }

  @Test
  void aLinkIsNotTheFileThatItPointsTo() throws IOException {
    Path file = Files.createFile(directory.resolve("a"));
    Path link = Files.createSymbolicLink(directory.resolve("b"), file);

    assertThat(FileIdentity.of(file).standsAt(link)).isFalse();
  }
}
