package io.runledger.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {

  @TempDir Path home;

  @Test
  void aFlagBeatsTheEnvironmentThatBeatsTheNamedFileThatBeatsTheUsersFile() throws IOException {
    file(".config/runledger/runledger.properties", "group.id=user\nhealth.port=1\nspool=/u\ndb=/u");
    Path named = file("named.properties", "group.id=named\nhealth.port=2\nspool=/n");

    Configuration configuration =
        Configuration.load(
            Map.of("group.id", "flag"),
            environment("RUNLEDGER_GROUP_ID", "env", "RUNLEDGER_HEALTH_PORT", "3"),
            Optional.of(named));

    assertThat(configuration.get(Setting.GROUP_ID)).isEqualTo("flag");
    assertThat(configuration.integer(Setting.HEALTH_PORT)).isEqualTo(3);
    assertThat(configuration.path(Setting.SPOOL)).isEqualTo(Path.of("/n"));
    assertThat(configuration.path(Setting.DB)).isEqualTo(Path.of("/u"));
    assertThat(configuration.millis(Setting.CLOSE_TIMEOUT_MS)).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void aJobWhoseFileIsGoneStillAppendsWhereItsEnvironmentSays() {
    List<String> told = new ArrayList<>();

    Configuration configuration =
        Configuration.forJob(
            environment("RUNLEDGER_SPOOL", "/s", "RUNLEDGER_GROUP_ID", "env"),
            Optional.of(home.resolve("gone.properties")),
            told::add);

    assertThat(configuration.path(Setting.SPOOL)).isEqualTo(Path.of("/s"));
    assertThat(configuration.get(Setting.GROUP_ID)).isEqualTo("env");
    assertThat(told).singleElement().asString().contains("gone.properties", "The job continues");
  }

  @Test
  void aJobWithABadSettingGoesOnWithTheDefaultsAndItsSpool() {
    List<String> told = new ArrayList<>();

    Configuration configuration =
        Configuration.forJob(
            environment("RUNLEDGER_SPOOL", "/s", "RUNLEDGER_HEALTH_PORT", "many"),
            Optional.empty(),
            told::add);

    assertThat(configuration.path(Setting.SPOOL)).isEqualTo(Path.of("/s"));
    assertThat(configuration.get(Setting.HEALTH_PORT))
        .isEqualTo(Setting.HEALTH_PORT.defaultValue());
    assertThat(told)
        .singleElement()
        .asString()
        .contains("RUNLEDGER_HEALTH_PORT", "The job continues");
  }

  @Test
  void eachValueTellsWhoSetIt() throws IOException {
    Path named = file("named.properties", "# ours\n\nspool=/n\n");

    Configuration configuration =
        Configuration.load(
            Map.of("group.id", "flag"), environment("RUNLEDGER_DB", "/e"), Optional.of(named));

    assertThat(shown(configuration, "group.id").origin()).isEqualTo("flag");
    assertThat(shown(configuration, "db").origin()).isEqualTo("environment RUNLEDGER_DB");
    assertThat(shown(configuration, "spool").origin()).isEqualTo(named + ":3");
    assertThat(shown(configuration, "health.port").origin()).isEqualTo("default");
  }

  @Test
  void theEnvironmentNamesTheFileWhereNoFlagDoes() throws IOException {
    Path fromEnvironment = file("one.properties", "group.id=one");
    Path fromFlag = file("two.properties", "group.id=two");
    Map<String, String> environment = environment("RUNLEDGER_CONFIG", fromEnvironment.toString());

    assertThat(Configuration.load(Map.of(), environment, Optional.empty()).get(Setting.GROUP_ID))
        .isEqualTo("one");
    assertThat(
            Configuration.load(Map.of(), environment, Optional.of(fromFlag)).get(Setting.GROUP_ID))
        .isEqualTo("two");
  }

  @Test
  void theDatabaseIsAFileOrALedgerOnAServer() {
    assertThat(ofDatabase("~/x.db").database())
        .isEqualTo(new DatabaseLocation.File(home.resolve("x.db")));
    assertThat(ofDatabase("jdbc:postgresql://h/d").database())
        .isEqualTo(new DatabaseLocation.Server("jdbc:postgresql://h/d"));
  }

  @Test
  void thePasswordOfADatabaseIsNeverShown() {
    Configuration configuration =
        ofDatabase("jdbc:postgresql://h/d?user=u&password=hunter2&sslpassword=hunter3");

    assertThat(configuration.database().toString())
        .isEqualTo("jdbc:postgresql://h/d?user=u&password=********&sslpassword=********");
    assertThat(shown(configuration, "db").value()).doesNotContain("hunter");
    assertThatThrownBy(() -> configuration.path(Setting.DB))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessage(
            "This needs a database file, and jdbc:postgresql://h/d?user=u&password=********&sslpassword=******** (from environment RUNLEDGER_DB) is on a server; specify a file with --db.");
  }

  @Test
  void aServerThatIsNamedInAnotherWayIsRefusedWithTheRightOne() {
    for (String url :
        List.of(
            "postgresql://u:hunter2@h/d",
            "jdbc:postgresql://u:hunter2@h/d",
            "jdbc:postgresql://u:hunter2@h:5432,h2/d?ssl=true")) {
      assertThatThrownBy(() -> ofDatabase(url))
          .isInstanceOf(InvalidConfigurationException.class)
          .hasMessageContaining("jdbc:postgresql://HOST:PORT/DATABASE?user=NAME")
          .hasMessageNotContaining("hunter2");
    }
    assertThatThrownBy(() -> ofDatabase("jdbc:mysql://h/d"))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("must be a file, or a PostgreSQL server");
  }

  private Configuration ofDatabase(String value) {
    return Configuration.load(Map.of(), environment("RUNLEDGER_DB", value), Optional.empty());
  }

  @Test
  void aFileThatIsNamedButNotThereIsRefused() {
    Path missing = home.resolve("missing.properties");

    assertThatThrownBy(() -> Configuration.load(Map.of(), environment(), Optional.of(missing)))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("Cannot read the configuration file " + missing);
  }

  @Test
  void pathsFollowTheDataDirectoryAndTheHome() {
    Configuration configuration =
        Configuration.load(Map.of("data.dir", "~/d"), environment(), Optional.empty());

    assertThat(configuration.path(Setting.DB)).isEqualTo(home.resolve("d/runledger.db"));
    assertThat(configuration.path(Setting.SPOOL)).isEqualTo(home.resolve("d/spool"));
  }

  @Test
  void anUnknownKeyInAFileIsRefusedWithItsLine() throws IOException {
    Path named = file("named.properties", "# a\ngroup.id=one\\\n  two\ngroup.idd=x\n");

    assertThatThrownBy(() -> Configuration.load(Map.of(), environment(), Optional.of(named)))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("Unknown setting 'group.idd' in " + named + ":4");
  }

  @Test
  void anUnknownFlagIsRefused() {
    assertThatThrownBy(
            () -> Configuration.load(Map.of("colour", "red"), environment(), Optional.empty()))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("Unknown setting 'colour' in flag");
  }

  @Test
  void aBrokenEscapeIsRefusedWithItsLine() throws IOException {
    Path named = file("named.properties", "group.id=a\ndb=\\u00zz\n");

    assertThatThrownBy(() -> Configuration.load(Map.of(), environment(), Optional.of(named)))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining(named + ":2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          health.port               | 65536      | must be between -1 and 65535
          health.port               | http       | must be a whole number
          topics.partitions         | 0          | must be between 1 and 2147483647
          topics.partitions         | 2147483648 | must be between 1 and 2147483647
          topics.prefix             | a b        | must be 1 to 200 letters, digits, dots, hyphens and underscores that begin and end with a letter or digit
          spool.max.bytes           | 0          | must be between 1 and 9223372036854775807
          close.timeout.ms          | -1         | must be between 0 and 2147483647
          sender.enabled            | yes        | must be true or false
          secret.keys               | (          | must be a regular expression
          """)
  void aValueOutsideItsRangeIsRefusedWithASentence(String key, String value, String complaint)
      throws IOException {
    Path named = file("named.properties", key + "=" + value);

    assertThatThrownBy(() -> Configuration.load(Map.of(), environment(), Optional.of(named)))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("%s (from %s:1) %s".formatted(key, named, complaint))
        .hasMessageContaining("not '" + value + "'");
  }

  @Test
  void anEmptyTextIsRefused() {
    assertThatThrownBy(
            () -> Configuration.load(Map.of("group.id", " "), environment(), Optional.empty()))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("group.id (from flag) must not be empty");
  }

  @ParameterizedTest
  @EnumSource(Setting.class)
  void everyDefaultIsAGoodValueAndEverySettingSaysWhatItIsFor(Setting setting) {
    assertThat(setting.complaint(setting.defaultValue())).isEmpty();
    assertThat(setting.meaning()).isNotBlank();
    assertThat(setting.environmentName()).matches("RUNLEDGER_[A-Z_]+");
    assertThat(Setting.ofKey(setting.key())).contains(setting);
  }

  @Test
  void kafkasOwnPropertiesPassThroughFromFileAndEnvironment() throws IOException {
    Path named =
        file("named.properties", "kafka.linger.ms=5\nkafka.acks=1\nbasic.auth.user.info=u:p");

    Configuration configuration =
        Configuration.load(
            Map.of(),
            environment(
                "RUNLEDGER_KAFKA_ACKS", "all", "RUNLEDGER_KAFKA_SECURITY_PROTOCOL", "SASL_SSL"),
            Optional.of(named));

    assertThat(configuration.kafka())
        .containsEntry("linger.ms", "5")
        .containsEntry("acks", "all")
        .containsEntry("security.protocol", "SASL_SSL")
        .containsEntry("basic.auth.user.info", "u:p")
        .containsEntry("bootstrap.servers", "127.0.0.1:9092")
        .containsEntry("schema.registry.url", "http://127.0.0.1:8081/apis/ccompat/v7")
        .doesNotContainKey("data.dir");
  }

  @Test
  void kafkasNameForOneOfOurSettingsIsThatSetting() {
    Configuration configuration =
        Configuration.load(
            Map.of(), environment("RUNLEDGER_KAFKA_BOOTSTRAP_SERVERS", "b:1"), Optional.empty());

    assertThat(configuration.get(Setting.BOOTSTRAP_SERVERS)).isEqualTo("b:1");
    assertThat(configuration.kafka()).containsEntry("bootstrap.servers", "b:1");
  }

  @Test
  void aKafkaPropertyNeverSetsASettingThatKafkaDoesNotKnow() {
    Configuration configuration =
        Configuration.load(Map.of(), environment("RUNLEDGER_KAFKA_DB", "/x"), Optional.empty());

    assertThat(configuration.path(Setting.DB)).isNotEqualTo(Path.of("/x"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kafka.sasl.jaas.config",
        "kafka.ssl.keystore.password",
        "kafka.ssl.key.password",
        "kafka.ssl.keystore.key",
        "kafka.sasl.oauthbearer.client.credentials.client.secret",
        "basic.auth.user.info",
        "schema.registry.basic.auth.user.info"
      })
  void secretsAreMaskedButGivenToKafka(String key) throws IOException {
    Path named = file("named.properties", key + "=hunter2");

    Configuration configuration = Configuration.load(Map.of(), environment(), Optional.of(named));

    assertThat(shown(configuration, key).value()).isEqualTo(Secrets.MASK);
    assertThat(configuration.values().toString()).doesNotContain("hunter2");
    assertThat(configuration.kafka().values()).contains("hunter2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          http://u:hunter2@h:1           | http://********@h:1
          http://u:hun@ter2@h:1          | http://********@h:1
          http://u:hun/ter2@h:1          | http://********@h:1
          http://a:1,https://u:p@b:2/x   | http://a:1,https://********@b:2/x
          http://a:1/x                   | http://a:1/x
          """)
  void userInfoInUrlsIsMasked(String url, String shown) {
    Configuration configuration =
        Configuration.load(Map.of("schema.registry.url", url), environment(), Optional.empty());

    assertThat(shown(configuration, "schema.registry.url").value()).isEqualTo(shown);
    assertThat(configuration.get(Setting.SCHEMA_REGISTRY_URL)).isEqualTo(url);
  }

  @Test
  void aChangedCopyLeavesTheOriginalAndIsChecked() {
    Configuration original = Configuration.load(Map.of(), environment(), Optional.empty());

    Configuration changed = original.with(Setting.GROUP_ID, "other");

    assertThat(changed.get(Setting.GROUP_ID)).isEqualTo("other");
    assertThat(shown(changed, "group.id").origin()).isEqualTo("flag");
    assertThat(original.get(Setting.GROUP_ID)).isEqualTo("runledger");
    assertThatThrownBy(() -> original.with(Setting.HEALTH_PORT, "-2"))
        .isInstanceOf(InvalidConfigurationException.class);
  }

  private static Configuration.Value shown(Configuration configuration, String key) {
    return configuration.values().stream()
        .filter(value -> value.name().equals(key))
        .findFirst()
        .orElseThrow();
  }

  private Map<String, String> environment(String... namesAndValues) {
    Map<String, String> environment = new HashMap<>(Map.of("HOME", home.toString()));
    for (int i = 0; i < namesAndValues.length; i += 2) {
      environment.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return environment;
  }

  private Path file(String name, String content) throws IOException {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }
}
