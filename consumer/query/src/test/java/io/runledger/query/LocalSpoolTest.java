package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.Base32;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the missing events of a run may be. */
class LocalSpoolTest {

  private static final long WRITER = 4_711;

  @TempDir private Path directory;

  @Test
  void aSpoolThatHoldsThemIsNamedWithTheCommand() throws IOException {
    Files.createDirectory(directory.resolve(Base32.encode(WRITER)));

    assertThat(new LocalSpool(directory).whereabouts(WRITER))
        .contains(directory.toString())
        .contains("runledger sync");
  }

  @Test
  void whatIsInQuarantineIsSaidToBeThere() throws IOException {
    Path quarantine = Files.createDirectory(directory.resolve("quarantine"));
    Files.createFile(quarantine.resolve(Base32.encode(WRITER) + "-metrics-000001.avro"));

    assertThat(new LocalSpool(directory).whereabouts(WRITER)).contains(quarantine.toString());
    assertThat(new LocalSpool(directory).whereabouts(WRITER + 1)).contains("does not hold them");
  }

  @Test
  void aMachineWithoutASpoolSendsTheReaderToTheRunsHost() {
    assertThat(new LocalSpool(directory.resolve("none")).whereabouts(WRITER))
        .contains("does not hold them; look for them on the run's host.");
  }
}
