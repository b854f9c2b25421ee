package io.runledger.stack;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallationTest {

  @TempDir private Path home;

  @Test
  void aSlimDistributionSaysWhatItLacksAndWhatNeedsNothing() {
    assertThatThrownBy(() -> Installation.at(home.resolve("stack")))
        .isInstanceOf(StackFailedException.class)
        .hasMessageContaining("no broker and no registry")
        .hasMessageContaining("runledger follow");
  }
}
