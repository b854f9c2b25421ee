package io.runledger.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DatabaseUrlTest {

  @Test
  void nothingInAPathIsTakenForAParameter() {
    assertThat(DatabaseUrl.of(Path.of("/a b#c/c?d&e=f/x%41.db")))
        .isEqualTo("jdbc:sqlite:file:///a%20b%23c/c%3Fd&e=f/x%2541.db");
  }
}
