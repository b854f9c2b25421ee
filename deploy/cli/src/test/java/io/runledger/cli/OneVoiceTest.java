package io.runledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.ExitCodes;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same mistake is answered in the same words and with the same exit code by every verb. */
class OneVoiceTest {

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "list",
        "show x",
        "why x",
        "metrics x",
        "compare x y",
        "best loss",
        "groups --by seed --metric loss",
        "errors",
        "jobs",
        "export --runs --format csv",
        "report x -o x.html",
        "sql SELECT",
        "dead-letters",
        "dead-letters list --json",
        "dead-letters show 1",
        "dead-letters retry --all",
        "backup x",
        "verify"
      })
  void aDatabaseThatIsNotThereIsNotFound(String verb) {
    Path missing = directory.resolve("missing.db");

    Result result = run(verb + " --db " + missing);

    assertThat(result.code()).isEqualTo(ExitCodes.NOT_FOUND);
    assertThat(result.err())
        .isEqualToNormalizingNewlines(
            "runledger: There is no database at %s; specify it with --db, or let 'runledger follow', 'up' or 'consume' create it.\n"
                .formatted(missing));
    assertThat(result.out()).isEmpty();
    assertThat(missing).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"list", "backup x"})
  void aDatabaseThatWasDeletedAloneIsBuiltFromTheSpoolNextToIt(String verb) throws Exception {
    Path missing = directory.resolve("missing.db");
    Path spool = Files.createDirectory(directory.resolve("missing.db.spool"));

    Result result = run(verb + " --db " + missing);

    assertThat(result.code()).isEqualTo(ExitCodes.NOT_FOUND);
    assertThat(result.err())
        .isEqualToNormalizingNewlines(
            "runledger: There is no database at %s; 'runledger rebuild --db %s' builds it from %s.\n"
                .formatted(missing, missing, spool));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "list",
        "show x",
        "sql SELECT",
        "dead-letters",
        "dead-letters dismiss 1",
        "backup x",
        "rebuild",
        "verify",
        "consume",
        "accept-gap --all",
        "relay",
        "sync",
        "slurm watch",
        "topics check",
        "config show",
        "up"
      })
  void aFileOfSettingsThatCannotBeReadIsAUsageError(String verb) {
    Path missing = directory.resolve("missing.properties");

    Result result = run(verb + " --config " + missing);

    assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
    assertThat(result.err())
        .isEqualToNormalizingNewlines(
            "runledger: Cannot read the configuration file %s (there is no such file); specify one that can be read, or none.\n"
                .formatted(missing));
  }

  @ParameterizedTest
  @ValueSource(strings = {"list", "sql SELECT", "backup x", "consume", "rebuild", "verify"})
  void aDirectoryInThePlaceOfADatabaseIsNotToldAsAFailureOfTheDisk(String verb) {
    Result result = run(verb + " --db " + directory);

    assertThat(result.code()).isNotZero();
    assertThat(result.err())
        .startsWith("runledger: " + directory + " is ")
        .doesNotContain("SQLITE")
        .hasLineCount(1);
  }

  @Test
  void aRequiredChoiceThatIsMissingIsNamed() {
    Result result = run("accept-gap");

    assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
    assertThat(result.err())
        .startsWith("runledger: Specify one of these: --all | [--topic=TOPIC --partition=N].");
  }

  @Test
  void aFileInThePlaceOfADirectoryIsNamedWithTheWayOut() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");

    Result result = run("up --data " + file);

    assertThat(result.code()).isEqualTo(ExitCodes.FAILED);
    assertThat(result.err())
        .isEqualToNormalizingNewlines(
            "runledger: The file %s already exists; choose another path, or move it away.\n"
                .formatted(file));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "list --limit x | Invalid value for option '--limit': 'x' is not a whole number up to 2147483647.",
        "sync --timeout x | Invalid value for option '--timeout': 'x' is not a whole number up to 9223372036854775807.",
        "exec --set novalue -- true | Invalid value for option '--set': 'novalue' is not KEY=VALUE.",
        "list extra | Unexpected argument: 'extra'.",
        "list more extra | Unexpected arguments: 'more', 'extra'.",
        "list --json --csv | Give only one of: --json, --csv.",
        "show | Missing required parameter: 'RUN'.",
        "list --status good | Invalid value for option '--status': it must be one of pending, running, completed, failed, timeout, not 'good'.",
      })
  void aSlipIsToldWithoutWordsOfJavaOrOfTheParser(String line, String sentence) {
    Result result = run(line);

    assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
    assertThat(result.err()).startsWith("runledger: " + sentence + System.lineSeparator());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "list --limit 0",
        "list --limit -1",
        "best loss --limit 0",
        "best loss --mode middle",
        "groups --by seed --metric loss --value middle",
        "errors --limit 0",
        "jobs --limit 0",
        "export --runs",
        "report -o x.html",
        "report x --tag y -o x.html",
        "report x -o x.pdf",
        "metrics x --limit 0",
        "metrics x loss --buckets 0",
        "compare x y --mode middle",
        "sql SELECT --limit 0",
        "sql SELECT --timeout 0",
        "accept-gap"
      })
  void theCommandLineIsLookedAtBeforeTheDatabase(String verb) {
    Result result = run(verb + " --db " + directory.resolve("missing.db"));

    assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
    assertThat(result.err())
        .startsWith("runledger: ")
        .doesNotContain("no database", "Error:")
        .contains("Try 'runledger " + verb.substring(0, (verb + " ").indexOf(" ")) + " --help'.");
  }

  private record Result(int code, String out, String err) {}

  private static Result run(String line) {
    List<String> words = List.of(line.split(" ", -1));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.commandLine(words, false)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(words.toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }
}
