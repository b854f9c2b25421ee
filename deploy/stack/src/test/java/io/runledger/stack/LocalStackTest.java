package io.runledger.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file that leads jobs and verbs to a stack, also while it is stopped. */
class LocalStackTest {

  @TempDir private Path dir;

  @Test
  void theFileOfAStoppedStackLeadsToItsDataAndKeepsJobsFromSending() throws Exception {
    Path file = dir.resolve("stack.properties");
    Properties running = new Properties();
    running.setProperty(Setting.DB.key(), "/data/runledger.db");
    running.setProperty(Setting.SPOOL.key(), "/data/spool");
    LocalStack.write(file, running);

    LocalStack.stopSenders(file);

    Configuration read = Configuration.load(Map.of(), Map.of("HOME", "/h"), Optional.of(file));
    assertThat(read.flag(Setting.SENDER_ENABLED)).isFalse();
    assertThat(read.path(Setting.DB)).isEqualTo(Path.of("/data/runledger.db"));
    assertThat(read.path(Setting.SPOOL)).isEqualTo(Path.of("/data/spool"));
  }

  @Test
  void aStackThatNeverWasReadyLeavesNoFile() throws Exception {
    LocalStack.stopSenders(dir.resolve("stack.properties"));

    assertThat(dir).isEmptyDirectory();
  }

  @Test
  void itsFilesAreTheirOwnersEvenWhereAnOpenOneLay() throws Exception {
    Path file = dir.resolve("stack.properties");
    for (Path each : new Path[] {file, dir.resolve("stack.properties.new")}) {
      Files.createFile(each);
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    LocalStack.write(file, new Properties());

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }
}
