package io.runledger.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The one rule of masking; the Python package is tested with the same vectors. */
@Timeout(30)
class MaskingVectorsTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<JsonNode> names() throws IOException {
    return vectors("names");
  }

  @ParameterizedTest
  @MethodSource("names")
  void onlyTheLastWordOfANameMakesItASecret(JsonNode vector) {
    String name = vector.get("name").textValue();

    assertThat(Secrets.builtIn().isSecret(name))
        .as(name)
        .isEqualTo(vector.get("secret").booleanValue());
  }

  static Stream<JsonNode> objects() throws IOException {
    return vectors("objects");
  }

  @ParameterizedTest
  @MethodSource("objects")
  void aConfigurationLosesItsSecretsAndNothingElse(JsonNode vector) {
    Secrets secrets = Secrets.builtIn().and(vector.path("secret_keys").asText(""));

    MaskedJson masked = MaskedJson.of(vector.get("config").deepCopy(), secrets);

    assertThat(masked.tree()).isEqualTo(vector.get("masked"));
    assertThat(masked.keys()).isEqualTo(JSON.convertValue(vector.get("masked_keys"), List.class));
  }

  @ParameterizedTest
  @MethodSource("objects")
  void whatIsMaskedStaysAsItIsWhenTheSenderMasksItAgain(JsonNode vector) {
    Secrets secrets = Secrets.builtIn().and(vector.path("secret_keys").asText(""));

    assertThat(MaskedJson.of(vector.get("masked").deepCopy(), secrets).tree())
        .isEqualTo(vector.get("masked"));
  }

  static Stream<JsonNode> texts() throws IOException {
    return vectors("texts");
  }

  @ParameterizedTest
  @MethodSource("texts")
  void aTextLosesItsCredentialsAndNothingElse(JsonNode vector) {
    assertThat(Secrets.prose(vector.get("text").textValue()))
        .isEqualTo(vector.get("masked").textValue());
  }

  @Test
  void argumentsLoseTheirSecrets() {
    assertThat(
            MaskedJson.arguments(
                List.of("--api-key", "abc", "--token=x", "https://u:p@h"), Secrets.builtIn()))
        .containsExactly("--api-key", "********", "--token=********", "https://********@h");
  }

  @Test
  void aPatternThatWouldTakeForEverHidesWhatItCannotDecideOn() {
    Secrets secrets = Secrets.builtIn().and("(.*)(.*)(.*)(.*)(.*)(.*)(.*)[^a]");

    assertThat(secrets.isSecret("a".repeat(60))).isTrue();
    assertThat(secrets.isSecret("a")).isFalse();
    assertThat(Secrets.builtIn().and("(x|y)*z").isSecret("xy".repeat(400))).isFalse();
  }

  @Test
  void aTextOfNothingButUrlsCostsNoMoreThanItsLength() {
    String text = "://a:".repeat(50_000) + "@";

    assertThat(Secrets.prose(text)).hasSizeGreaterThan(1_000);
    assertThat(Secrets.builtIn().text("--a=".repeat(50_000))).hasSize(200_000);
    assertThat(Secrets.prose("-----BEGIN PRIVATE KEY-----".repeat(10_000))).isEqualTo("********");
  }

  private static Stream<JsonNode> vectors(String kind) throws IOException {
    try (InputStream file =
        MaskingVectorsTest.class.getResourceAsStream(
            "/io/runledger/schemas/masking-vectors.json")) {
      JsonNode all = JSON.readTree(file).get(kind);
      assertThat(all).isNotEmpty();
      return StreamSupport.stream(all.spliterator(), false);
    }
  }
}
