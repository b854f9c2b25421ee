package io.runledger.service.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.ExitCodes;
import io.runledger.contract.Deliveries;
import io.runledger.fold.projection.Projection;
import io.runledger.options.Failures;
import io.runledger.sqlite.SqliteProjection;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * What can be asked of the service about a dead letter, and what is a mistake before it is asked.
 */
@Timeout(30)
class DeadLetterRequestsTest {

  @TempDir private Path directory;
  private Path database;
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void aDatabaseThatAServiceHolds() {
    database = directory.resolve("runledger.db");
  }

  private int run(String... words) {
    CommandLine line = new CommandLine(new DeadLettersCommand());
    line.setErr(new PrintWriter(err));
    line.setExecutionExceptionHandler(new Failures(false));
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--db", database.toString()));
    return line.execute(all.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"17", "0", "1234567890123456789"})
  void aLetterThatIsNotThereIsNotFoundAndNobodyIsAsked(String id) {
    try (Projection service = Deliveries.claimed(SqliteProjection.open(database))) {
      assertThat(run("retry", id)).isEqualTo(ExitCodes.NOT_FOUND);
      assertThat(run("dismiss", id)).isEqualTo(ExitCodes.NOT_FOUND);
      assertThat(service.deadLetter(17)).isEmpty();
    }
    assertThat(err.toString()).contains("There is no dead letter " + id);
  }

  @Test
  void aReasonThatNobodyWouldReadIsAMistakeOfTheCommandLine() {
    assertThat(run("dismiss", "1", "--reason", "\u00e4".repeat(2_049))).isEqualTo(ExitCodes.USAGE);

    assertThat(err.toString()).contains("The reason has 4098 bytes; at most 4096 are allowed.");
  }
}
