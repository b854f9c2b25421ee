package io.runledger.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a registry's data when it is started again. */
class RegistryProcessTest {

  @TempDir private Path dir;

  @Test
  void whatAFirstStartLeftThatWasKilledIsRemoved() throws IOException {
    RegistryProcess.removeUnfinished(dir);
    Path halfMade = Files.createDirectory(dir.resolve("registry")).resolve("registry.mv.db");
    Files.writeString(halfMade, "half of the tables");

    RegistryProcess.removeUnfinished(dir);

    assertThat(halfMade).doesNotExist();
  }

  @Test
  void aRegistryThatAnsweredOnceKeepsItsData() throws IOException {
    RegistryProcess.removeUnfinished(dir);
    Path data = Files.createDirectory(dir.resolve("registry")).resolve("registry.mv.db");
    Files.writeString(data, "schemas");
    RegistryProcess.confirmComplete(dir);

    RegistryProcess.removeUnfinished(dir);

    assertThat(data).hasContent("schemas");
  }

  @Test
  void theDataOfAnEarlierVersionAreKept() throws IOException {
    Path data = Files.createDirectory(dir.resolve("registry")).resolve("registry.mv.db");
    Files.writeString(data, "schemas");

    RegistryProcess.removeUnfinished(dir);

    assertThat(data).hasContent("schemas");
  }
}
