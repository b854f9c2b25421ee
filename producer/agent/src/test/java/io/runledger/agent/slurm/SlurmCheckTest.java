package io.runledger.agent.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlurmCheckTest {

  @Test
  void whereNoSacctIsNothingIsSaid(@TempDir Path empty) {
    assertThat(SlurmCheck.check(empty + ":" + empty.resolve("missing"))).isEmpty();
  }
}
