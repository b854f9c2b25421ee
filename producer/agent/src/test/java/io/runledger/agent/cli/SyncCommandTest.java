package io.runledger.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.client.sender.DrainReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** When sending what jobs left has succeeded, and what is said of what did not arrive. */
class SyncCommandTest {

  private static final Path SPOOL = Path.of("/shared/spool");

  @TempDir private Path directory;
  private Path settings;

  private final StringWriter words = new StringWriter();

  @BeforeEach
  void nameASpoolThatIsNotThere() throws IOException {
    settings =
        Files.writeString(
            directory.resolve("settings.properties"),
            "spool=" + directory.resolve("spool") + "\nbootstrap.servers=127.0.0.1:1\n");
  }

  private int execute(Object... directories) {
    String[] all =
        Stream.concat(
                Stream.of("--config", settings.toString()),
                Arrays.stream(directories).map(Object::toString))
            .toArray(String[]::new);
    return new CommandLine(new SyncCommand()).setErr(new PrintWriter(words, true)).execute(all);
  }

  private int print(DrainReport report) {
    return SyncCommand.print(SPOOL, report, sentence -> words.append(sentence).append('\n'));
  }

  private List<String> lines() {
    return words.toString().lines().toList();
  }

  @Test
  void aConfiguredSpoolThatIsNotThereYetIsNotAFailure() {
    assertThat(execute()).isZero();

    assertThat(lines())
        .containsExactly("There is no spool directory " + directory.resolve("spool") + ".");
  }

  @Test
  void aSpoolThatWasTypedAndIsNotThereIsAFailureThoughTheNextOneIsSent() throws IOException {
    Path there = Files.createDirectory(directory.resolve("there"));

    assertThat(execute(directory.resolve("typo"), there)).isEqualTo(1);

    assertThat(lines())
        .containsExactly(
            "runledger: There is no spool directory "
                + directory.resolve("typo")
                + "; specify the directory that jobs append to.",
            there + ": 0 events sent, nothing is left.");
  }

  @Test
  void allThatArrivedIsASuccess() {
    assertThat(print(new DrainReport(1200, true, Optional.of("was away"), Optional.empty())))
        .isZero();

    assertThat(lines())
        .as("an outage that is over is not mentioned")
        .containsExactly("/shared/spool: 1,200 events sent, nothing is left.");
  }

  @Test
  void whatWaitsIsAFailureWithItsCause() {
    assertThat(print(new DrainReport(3, false, Optional.of("No broker."), Optional.empty())))
        .isEqualTo(1);

    assertThat(lines())
        .containsExactly("/shared/spool: 3 events sent; the rest waits.", "No broker.");
  }

  @Test
  void whatCannotArriveIsAFailureThoughNothingWaits() {
    assertThat(print(new DrainReport(3, true, Optional.empty(), Optional.of("One is too large."))))
        .isEqualTo(1);

    assertThat(lines())
        .containsExactly("/shared/spool: 3 events sent, but not all arrived.", "One is too large.");
  }

  private void nameAServer(String more) throws IOException {
    Files.writeString(
        settings,
        "spool=%s%nurl=http://127.0.0.1:1/%n%s%n"
            .formatted(Files.createDirectories(directory.resolve("spool")), more));
  }

  @Test
  void withoutToEventsGoToTheServerOfTheSettings() throws IOException {
    nameAServer("");
    Files.writeString(directory.resolve("spool/a.jsonl"), "{}\n");

    assertThat(execute("--timeout", "0")).isEqualTo(1);

    assertThat(lines().get(0))
        .isEqualTo(
            directory.resolve("spool")
                + ": 0 bytes of 0 files new to 127.0.0.1, but not all arrived.");
    assertThat(lines().get(1)).startsWith("a.jsonl and what follows it wait: ");
  }

  @Test
  void aServerAndBrokersInTheSettingsAreRefused() throws IOException {
    nameAServer("bootstrap.servers=127.0.0.1:1");

    assertThat(execute("--timeout", "0")).isNotZero();
    assertThat(words.toString()).contains("Two places are set for events");
  }

  @Test
  void brokersThatAreTypedAreAskedInPlaceOfTheServerOfTheSettings() throws IOException {
    nameAServer("");

    assertThat(execute("--bootstrap-server", "127.0.0.1:1")).isZero();

    assertThat(lines())
        .containsExactly(directory.resolve("spool") + ": 0 events sent, nothing is left.");
  }

  @Test
  void theQuarantineIsForBrokers() throws IOException {
    nameAServer("");

    assertThat(execute("--quarantined")).isEqualTo(2);

    assertThat(words.toString()).contains("--quarantined is about a broker");
  }
}
