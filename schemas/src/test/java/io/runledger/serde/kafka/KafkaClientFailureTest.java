package io.runledger.serde.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.ExitCodes;
import io.runledger.config.InvalidConfigurationException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** "Failed to create new KafkaAdminClient" was all that users were shown. */
class KafkaClientFailureTest {

  @TempDir private Path directory;

  static Stream<Function<Map<String, Object>, AutoCloseable>> clients() {
    return Stream.of(
        Admin::create,
        settings ->
            new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
        settings ->
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()));
  }

  private static String sentence(
      Function<Map<String, Object>, AutoCloseable> client, Map<String, Object> given) {
    Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", "127.0.0.1:1"));
    settings.putAll(given);
    List<String> sentences = new ArrayList<>();
    assertThatThrownBy(() -> KafkaClientFailure.explained(settings, () -> client.apply(settings)))
        .isInstanceOfSatisfying(
            InvalidConfigurationException.class,
            refused -> {
              assertThat(refused.exitCode()).isEqualTo(ExitCodes.USAGE);
              sentences.add(refused.getMessage());
            });
    assertThat(sentences.get(0))
        .startsWith("The Kafka client cannot be created: ")
        .doesNotContain("Failed to c", "\n");
    return sentences.get(0);
  }

  @ParameterizedTest
  @MethodSource("clients")
  void aWrongPasswordOfTheTruststoreIsSaid(Function<Map<String, Object>, AutoCloseable> client)
      throws Exception {
    Path truststore = directory.resolve("trust.p12");
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (OutputStream out = Files.newOutputStream(truststore)) {
      store.store(out, "right-password".toCharArray());
    }

    assertThat(
            sentence(
                client,
                Map.of(
                    "security.protocol", "SSL",
                    "ssl.truststore.type", "PKCS12",
                    "ssl.truststore.location", truststore.toString(),
                    "ssl.truststore.password", "wrong-password")))
        .containsPattern("password was incorrect|integrity check")
        .endsWith(" Check ssl.truststore.location, ssl.truststore.password.")
        .doesNotContain("wrong-password");
  }

  @ParameterizedTest
  @MethodSource("clients")
  void aFileThatIsNotThereIsNamed(Function<Map<String, Object>, AutoCloseable> client) {
    assertThat(
            sentence(
                client,
                Map.of(
                    "security.protocol", "SSL", "ssl.truststore.location", "/nowhere/trust.jks")))
        .contains("/nowhere/trust.jks")
        .contains("Check ssl.truststore.location");
  }

  @ParameterizedTest
  @MethodSource("clients")
  void aValueThatIsNoNumberIsSaid(Function<Map<String, Object>, AutoCloseable> client) {
    assertThat(sentence(client, Map.of("request.timeout.ms", "soon")))
        .contains("soon")
        .endsWith(" Check request.timeout.ms.");
  }

  @ParameterizedTest
  @MethodSource("clients")
  void aHostThatNobodyKnowsIsSaid(Function<Map<String, Object>, AutoCloseable> client) {
    assertThat(sentence(client, Map.of("bootstrap.servers", "no-such-host.invalid:9092")))
        .endsWith(" Check bootstrap.servers.");
  }

  @ParameterizedTest
  @MethodSource("clients")
  void aLoginThatIsNotConfiguredIsSaid(Function<Map<String, Object>, AutoCloseable> client) {
    assertThat(
            sentence(
                client, Map.of("security.protocol", "SASL_SSL", "sasl.mechanism", "SCRAM-SHA-512")))
        .contains("sasl.jaas.config");
  }
}
