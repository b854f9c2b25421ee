package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.ExitCodes;
import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one user wrote or typed makes no verb fail, or wait for ever, for anybody. */
class OneForAllTest {

  @TempDir private Path directory;

  @Test
  void aConfigurationAsDeepAsJsonGoesIsListedAndCompared() throws Exception {
    try (Laboratory laboratory = Laboratory.empty(directory)) {
      laboratory.deliver(Events.ofSeed(1).started(), Events.ofSeed(2).started());
      // Such rows came in before the door had a limit.
      try (Connection connection =
              DriverManager.getConnection("jdbc:sqlite:" + laboratory.database().toRealPath());
          PreparedStatement update =
              connection.prepareStatement("UPDATE run_attempts SET config = ?")) {
        update.setString(1, "{\"a\":".repeat(1_000) + "1" + "}".repeat(1_000));
        update.executeUpdate();
      }

      Command list = Command.at(laboratory.location(), "list", "--json");
      assertThat(list.code()).as(list.err()).isZero();
      assertThat(list.out()).contains("\"runs\"");
      String first = idIn(list.out());
      for (List<String> words :
          List.of(
              List.of("compare", first, first, "--json"),
              List.of("show", first, "--json"),
              List.of("show", first))) {
        Command done = Command.at(laboratory.location(), words.toArray(String[]::new));
        assertThat(done.code()).as(words + ": " + done.err()).isZero();
      }
    }
  }

  /** Deeper than the parser of a test reads. */
  private static String idIn(String json) {
    return json.replaceFirst("(?s).*?\"id\" : \"([0-9a-z]{13})\".*", "$1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"+999999999-12-31", "-0001-01-01", "0000-01-01", "+10000-01-01T00:00"})
  void aDateThatNoDatabaseHoldsIsAMistakeOfTheCommandLine(String date) {
    try (Laboratory laboratory = Laboratory.empty(directory)) {
      Command done = Command.at(laboratory.location(), "list", "--since=" + date);

      assertThat(done.code()).isEqualTo(ExitCodes.USAGE);
      assertThat(done.err()).contains("not '" + date + "'");
    }
  }

  @Test
  @Timeout(30)
  void aPipeInThePlaceOfTheDatabaseIsNotOpened() throws Exception {
    Path pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    Command done = Command.at(pipe.toString(), "list");

    assertThat(done.code()).isEqualTo(ExitCodes.NOT_FOUND);
    assertThat(done.err()).contains(pipe + " is not a regular file");
  }

  @Test
  void aStatementThatSqliteCannotInterruptIsEndedFromOutside() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);

    LastResort lastResort = new LastResort(Duration.ofMillis(1), ended::countDown);

    assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
    lastResort.close();
  }
}
