package io.runledger.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.Configuration;
import io.runledger.config.DatabaseLocation;
import io.runledger.config.ExitCodes;
import io.runledger.config.InvalidConfigurationException;
import io.runledger.config.Setting;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class PrecedenceTest {

  @TempDir private Path directory;

  /** With one line the flag once won, with fifteen the file: by the order of a hash map. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 7, 14, 15, 31, 100, 1_000})
  void aFlagBeatsTheCommandConfigHoweverManyLinesThatFileHasAndInWhateverOrder(int others)
      throws IOException {
    for (int seed = 0; seed < 5; seed++) {
      List<String> lines = new ArrayList<>(List.of("bootstrap.servers=127.0.0.1:2222"));
      for (int i = 0; i < others; i++) {
        lines.add("some.other.property." + i + "=" + i);
      }
      Collections.shuffle(lines, new Random(seed));
      Path file = Files.write(directory.resolve("client.properties"), lines);

      Configuration configuration =
          parsed("--bootstrap-server", "127.0.0.1:1111", "--command-config", file.toString());

      assertThat(configuration.get(Setting.BOOTSTRAP_SERVERS)).isEqualTo("127.0.0.1:1111");
      assertThat(configuration.kafka()).containsEntry("bootstrap.servers", "127.0.0.1:1111");
    }
  }

  @Test
  void brokersOnTheCommandLineAreMeantThoughAFileNamesAServer() throws IOException {
    Path file = Files.writeString(directory.resolve("url.properties"), "url=https://h/\n");

    assertThat(parsed("--config", file.toString()).get(Setting.URL)).isEqualTo("https://h/");
    assertThat(
            parsed("--config", file.toString(), "--bootstrap-server", "127.0.0.1:1")
                .get(Setting.URL))
        .isEmpty();
  }

  @Test
  void aPasswordOfTheDatabaseOnTheCommandLineIsRefused() {
    assertThatThrownBy(() -> parsed("--db", "jdbc:postgresql://h/d?user=u&password=hunter2"))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("~/.pgpass")
        .hasMessageNotContaining("hunter2");
    assertThat(parsed("--db", "jdbc:postgresql://h/d?user=u").database())
        .isEqualTo(new DatabaseLocation.Server("jdbc:postgresql://h/d?user=u"));
    assertThat(parsed("--db", "a?password=x.db").path(Setting.DB)).hasFileName("a?password=x.db");
  }

  @Test
  void theCommandConfigReachesKafkaUnderKafkasNamesAndBeatsTheFileOfSettings() throws IOException {
    Path kafka =
        Files.writeString(
            directory.resolve("client.properties"),
            "security.protocol=SSL\nbootstrap.servers=k:1\nkafka.group.id=\n");
    Path named =
        Files.writeString(
            directory.resolve("named.properties"), "bootstrap.servers=n:1\ngroup.id=named\n");

    Configuration configuration =
        parsed("--config", named.toString(), "--command-config", kafka.toString());

    assertThat(configuration.kafka())
        .containsEntry("security.protocol", "SSL")
        .containsEntry("bootstrap.servers", "k:1");
    assertThat(configuration.get(Setting.GROUP_ID)).isEqualTo("named");
  }

  @Test
  void ofTwoNamesOfOneThingOursWinsInAnyOrderOfTheFlags() {
    for (boolean oursFirst : new boolean[] {true, false}) {
      Map<String, String> flags = new LinkedHashMap<>();
      flags.put(oursFirst ? "bootstrap.servers" : "kafka.bootstrap.servers", "x");
      flags.put(oursFirst ? "kafka.bootstrap.servers" : "bootstrap.servers", "x");
      flags.put("bootstrap.servers", "ours:1");
      flags.put("kafka.bootstrap.servers", "kafkas:1");

      Configuration configuration =
          Configuration.load(flags, Map.of("HOME", directory.toString()), Optional.empty());

      assertThat(configuration.get(Setting.BOOTSTRAP_SERVERS)).isEqualTo("ours:1");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--config", "--command-config"})
  void aFileThatCannotBeReadIsAUsageErrorThatNamesIt(String option) {
    Path missing = directory.resolve("missing.properties");

    assertThatThrownBy(() -> parsed(option, missing.toString()))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining(missing.toString());

    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new Verb())
            .setErr(new PrintWriter(err))
            .setExecutionExceptionHandler(new Failures(false))
            .execute(option, missing.toString());
    assertThat(code).isEqualTo(ExitCodes.USAGE);
    assertThat(err.toString()).startsWith("runledger: ").contains(missing.toString());
  }

  private static Configuration parsed(String... words) {
    Verb verb = new Verb();
    new CommandLine(verb).parseArgs(words);
    return verb.call();
  }

  @Command(name = "verb")
  private static final class Verb implements Callable<Configuration> {
    @Mixin private LedgerOptions options = new LedgerOptions();

    @Override
    public Configuration call() {
      return options.load();
    }
  }
}
