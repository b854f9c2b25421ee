package io.runledger.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What completion prints works in the shells that are here. */
class CompletionCommandTest {

  @TempDir private Path directory;

  private static String script(String shell) {
    StringWriter out = new StringWriter();
    int code =
        Main.commandLine(List.of("completion", shell), false)
            .setOut(new PrintWriter(out))
            .execute("completion", shell);
    assertThat(code).isZero();
    return out.toString();
  }

  private static boolean isHere(String shell) {
    return List.of("/bin/", "/usr/bin/").stream().anyMatch(at -> Files.exists(Path.of(at + shell)));
  }

  private String run(String... command) throws IOException, InterruptedException {
    Path printed = directory.resolve("printed");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile())
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    String text = Files.readString(printed);
    assertThat(process.exitValue()).as(text).isZero();
    return text;
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void aShellReadsItsScript(String shell) throws Exception {
    Path script = Files.writeString(directory.resolve("script"), script(shell));

    assumeThat(isHere(shell)).isTrue();
    run(shell, "-n", script.toString());
  }

  @Test
  void bashCompletesVerbsOptionsAndTheirWords() throws Exception {
    Path script = Files.writeString(directory.resolve("script"), script("bash"));
    String complete =
        "source %s; COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _complete_runledger; echo \"${COMPREPLY[@]}\"";

    assertThat(run("bash", "-c", complete.formatted(script, "runledger exp"))).contains("export");
    assertThat(run("bash", "-c", complete.formatted(script, "runledger export --form")))
        .contains("--format");
    assertThat(run("bash", "-c", complete.formatted(script, "runledger list --status f")))
        .contains("failed");
  }

  @Test
  void fishHasALineForEachVerbAndOption() {
    String script = script("fish");

    for (Verb verb : Verb.values()) {
      assertThat(script).contains("-a '" + verb.word() + "' -d '");
    }
    assertThat(script)
        .contains(
            "-n '__fish_seen_subcommand_from list' -l 'status' -x -a 'pending running completed failed timeout'")
        .doesNotContain("${", "%n");
  }

  @Test
  void anotherShellIsAUsageError() {
    StringWriter err = new StringWriter();
    int code =
        Main.commandLine(List.of("completion"), false)
            .setErr(new PrintWriter(err))
            .execute("completion", "csh");

    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains("SHELL is one of bash, zsh and fish, not 'csh'.");
  }
}
