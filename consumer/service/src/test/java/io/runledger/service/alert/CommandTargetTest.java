package io.runledger.service.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program that is started for each firing. */
@Timeout(30)
class CommandTargetTest {

  private static final AlertMessage MESSAGE =
      new AlertMessage("0123456789abcdef", "{\"text\":\"$(touch /tmp/x)\"}");

  @TempDir private Path directory;

  private Optional<String> run(Duration limit, String script, String... arguments)
      throws IOException, InterruptedException {
    Path program = Files.writeString(directory.resolve("notify"), "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    List<String> argv = new java.util.ArrayList<>(List.of(program.toString()));
    argv.addAll(List.of(arguments));
    return new CommandTarget("command", argv, limit).deliver(MESSAGE);
  }

  @Test
  void itGetsItsArgumentsAndTheMessageAndNoPasswords() throws Exception {
    Path out = directory.resolve("out");

    Optional<String> failure =
        run(
            Duration.ofSeconds(20),
            "{ cat; echo; echo \"$#,$1\"; env | grep RUNLEDGER; } > " + out,
            "two words; $HOME");

    assertThat(failure).isEmpty();
    assertThat(Files.readAllLines(out))
        .containsExactly(
            "{\"text\":\"$(touch /tmp/x)\"}",
            "1,two words; $HOME",
            "RUNLEDGER_ALERT_ID=0123456789abcdef");
  }

  @Test
  void anExitCodeIsAFailureHoweverMuchItPrints() throws Exception {
    assertThat(run(Duration.ofSeconds(20), "head -c 300000 /dev/zero; exit 3"))
        .contains("It ended with exit code 3.");
  }

  @Test
  void oneThatHangsIsKilledWithItsChildren() throws Exception {
    Path pid = directory.resolve("pid");

    assertThat(run(Duration.ofSeconds(2), "sleep 60 & echo $! > " + pid + "; wait"))
        .contains("It did not end within 2 s.");

    long child = Long.parseLong(Files.readString(pid).strip());
    ProcessHandle.of(child).ifPresent(left -> left.onExit().join());
  }

  @Test
  void oneThatIsGoneIsAFailure() throws Exception {
    assertThat(
            new CommandTarget("command", List.of(directory.resolve("absent").toString()))
                .deliver(MESSAGE))
        .hasValueSatisfying(why -> assertThat(why).startsWith("It cannot be started: "));
  }
}
