package io.runledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.ExitCodes;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
        "errors",
        "jobs",
        "sql SELECT",
        "dead-letters",
        "dead-letters list --json",
        "dead-letters show 1",
        "dead-letters retry --all",
        "backup x"
      })
  void aDatabaseThatIsNotThereIsNotFound(String verb) {
    Path missing = directory.resolve("missing.db");

    Result result = run(verb + " --db " + missing);

    assertThat(result.code()).isEqualTo(ExitCodes.NOT_FOUND);
    assertThat(result.err())
        .isEqualToNormalizingNewlines(
            "runledger: There is no database at %s; name it with --db, or let 'runledger up' or 'runledger consume' make it.\n"
                .formatted(missing));
    assertThat(result.out()).isEmpty();
    assertThat(missing).doesNotExist();
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
        .startsWith("runledger: Cannot read the configuration file " + missing)
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "list --limit 0",
        "list --limit -1",
        "best loss --limit 0",
        "best loss --mode middle",
        "errors --limit 0",
        "jobs --limit 0",
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
