package io.runledger.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Which directories a relay takes. */
class RelayCommandTest {

  @TempDir private Path directory;

  @Test
  void aFileAmongTheDirectoriesIsRefusedBeforeAnythingIsSent() throws IOException {
    Path file = Files.createFile(directory.resolve("events.jsonl"));
    Path settings =
        Files.writeString(
            directory.resolve("settings.properties"), "bootstrap.servers=127.0.0.1:1\n");
    StringWriter words = new StringWriter();
    CommandLine relay = new CommandLine(new RelayCommand()).setErr(new PrintWriter(words));

    int exitCode =
        relay.execute(
            "--config",
            settings.toString(),
            directory.resolve("later").toString(),
            file.toString());

    assertThat(exitCode).isEqualTo(1);
    assertThat(words.toString().lines())
        .containsExactly(
            "runledger: "
                + file
                + " is not a directory; specify the directory that jobs append to.");
  }
}
