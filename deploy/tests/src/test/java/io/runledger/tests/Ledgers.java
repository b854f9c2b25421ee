package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.stack.LocalStack;
import java.nio.file.Path;
import java.util.Map;

/** What must hold of a database after any fault. */
final class Ledgers {

  private Ledgers() {}

  /** SQLite finds nothing wrong with the file. */
  static void assertSound(Path database) throws Exception {
    assertThat(ServiceProcess.single(database, "PRAGMA integrity_check")).isEqualTo("ok");
  }

  /** A replay of the topics gives the same rows. */
  static void assertVerified(Path scratch, LocalStack stack, Path database) throws Exception {
    Distribution.Result verified =
        new Distribution(scratch)
            .run(
                Map.of("RUNLEDGER_CONFIG", stack.propertiesFile().toString()),
                "verify",
                "--db",
                database.toString());
    assertThat(verified.code()).as(verified.toString()).isZero();
    assertThat(verified.err()).contains("0 differences");
  }

  static long count(Path database, String what) throws Exception {
    return Long.parseLong(ServiceProcess.single(database, "SELECT count(*) FROM " + what));
  }
}
