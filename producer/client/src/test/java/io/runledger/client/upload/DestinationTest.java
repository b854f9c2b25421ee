package io.runledger.client.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.Configuration;
import io.runledger.config.InvalidConfigurationException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which settings mean a server, and which addresses and tokens are refused. */
class DestinationTest {

  @TempDir private Path home;

  private Destination of(Map<String, String> settings) {
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("HOME", home.toString());
    return Destination.of(
        Configuration.load(Map.of(), environment, Optional.empty()),
        Destination.token(environment));
  }

  @Test
  void withoutAUrlEventsGoToTheBrokers() {
    assertThat(of(Map.of())).isEqualTo(new Destination.Brokers());
    assertThat(of(Map.of("RUNLEDGER_URL", " ", "RUNLEDGER_BOOTSTRAP_SERVERS", "h:1")))
        .isEqualTo(new Destination.Brokers());
  }

  @Test
  void aUrlMeansAServerAndTheTokenIsThatOfTheEnvironment() {
    Destination destination =
        of(Map.of("RUNLEDGER_URL", "https://h.example.org/x", "RUNLEDGER_TOKEN", " rl_abc\n"));

    assertThat(destination)
        .isEqualTo(
            new Destination.Server(URI.create("https://h.example.org/x"), Optional.of("rl_abc")));
    assertThat(destination.toString()).doesNotContain("rl_abc");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://localhost:8400", "http://127.0.0.1:8400/", "http://[::1]:8400/"})
  void onThisMachineHttpIsEnough(String url) {
    assertThat(of(Map.of("RUNLEDGER_URL", url))).isInstanceOf(Destination.Server.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://h.example.org/",
        "http://localhost.example.org/",
        "http://10.0.0.1/",
        "h.example.org",
        "https:///x",
        "https://h :1/",
        "ftp://127.0.0.1/",
        "https://ann:hunter2@h.example.org/",
        "https://ann:hunter2@h .example.org/"
      })
  void whatWouldTellOthersOrIsNoAddressIsRefused(String url) {
    assertThatThrownBy(() -> of(Map.of("RUNLEDGER_URL", url)))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageStartingWith("The setting url cannot be used: ")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void aServerAndBrokersAreRefused() {
    assertThatThrownBy(
            () ->
                of(
                    Map.of(
                        "RUNLEDGER_URL", "https://h.example.org/",
                        "RUNLEDGER_KAFKA_BOOTSTRAP_SERVERS", "k.example.org:9092")))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessage(
            "Two places are set for events, the server h.example.org (url) and the brokers"
                + " k.example.org:9092 (bootstrap.servers); leave one of them out.");
  }

  @Test
  void aTokenOfTwoLinesIsRefusedAndNotRepeated() {
    assertThatThrownBy(
            () ->
                of(
                    Map.of(
                        "RUNLEDGER_URL", "https://h.example.org/",
                        "RUNLEDGER_TOKEN", "rl_abc\nX-Other: 1")))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageNotContaining("rl_abc");
  }
}
