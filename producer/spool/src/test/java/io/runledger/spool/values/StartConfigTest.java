package io.runledger.spool.values;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.config.Secrets;
import io.runledger.schemas.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is stored of a configuration. */
@Timeout(30)
class StartConfigTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void ofALongConfigurationTheSmallValuesCanStillBeRead() throws Exception {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("a_vocab", IntStream.range(0, 200_000).boxed().toList());
    config.put("lr", 0.1);
    config.put(
        "model", Map.of("name", "gpt", "layers", IntStream.range(0, 90_000).boxed().toList()));
    config.put("prompt", "\"ü".repeat(100_000));
    String whole = JsonText.of(config);

    StartConfig cut = StartConfig.of(config, Secrets.builtIn(), 262_144);

    JsonNode stored = JSON.readTree(cut.json());
    int bytes = cut.json().getBytes(StandardCharsets.UTF_8).length;
    assertThat(bytes).isBetween(200_000, 262_144);
    assertThat(cut.truncatedBytes())
        .isEqualTo(whole.getBytes(StandardCharsets.UTF_8).length - bytes);
    assertThat(cut.sha256()).contains(Sha256.hex(whole.getBytes(StandardCharsets.UTF_8)));
    assertThat(stored.get("lr").doubleValue()).isEqualTo(0.1);
    assertThat(stored.get("model").get("name").textValue()).isEqualTo("gpt");
    assertThat(stored.get("a_vocab").get(1).intValue()).isEqualTo(1);
    assertThat(stored.get("a_vocab").get(stored.get("a_vocab").size() - 1).textValue())
        .endsWith("bytes cut ...");
    assertThat(stored.get("prompt").textValue()).contains("bytes cut");
    assertThat(stored.properties())
        .extracting(Map.Entry::getKey)
        .containsExactlyElementsOf(config.keySet());
  }

  @Test
  void aConfigurationOfMoreEntriesThanFitKeepsTheSmallOnes() throws Exception {
    Map<String, Object> config = new LinkedHashMap<>();
    for (int i = 0; i < 5_000; i++) {
      config.put("key" + i, i % 2 == 0 ? (Object) i : List.of("x".repeat(100)));
    }

    StartConfig cut = StartConfig.of(config, Secrets.builtIn(), 60_000);

    JsonNode stored = JSON.readTree(cut.json());
    assertThat(cut.json().length()).isLessThanOrEqualTo(60_000);
    assertThat(stored.get("key4998").intValue()).isEqualTo(4_998);
    assertThat(stored.get("(cut)").textValue()).endsWith("entries");
  }

  @Test
  void everyLimitGivesJsonThatFits() throws Exception {
    Map<String, Object> config =
        Map.of("a", "ü".repeat(500), "b", List.of(Map.of("c", "x".repeat(300))), "d", 1);

    for (int limit = 60; limit < 1_500; limit++) {
      StartConfig cut = StartConfig.of(config, Secrets.builtIn(), limit);

      assertThat(JSON.readTree(cut.json()).isObject()).isTrue();
      assertThat(cut.json().getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(limit);
    }
  }

  @Test
  void namesAndNumbersThatNobodyCouldReadAgainAreShortened() throws Exception {
    Map<String, Object> config =
        Map.of("k".repeat(60_000), 1, "n", java.math.BigInteger.TEN.pow(1_000), "lr", 0.1);

    JsonNode stored = JSON.readTree(StartConfig.of(config, Secrets.builtIn(), 262_144).json());

    assertThat(stored.get("lr").doubleValue()).isEqualTo(0.1);
    assertThat(stored.get("n").textValue()).isEqualTo("(a whole number of 3322 bits)");
    assertThat(stored).hasSize(3);
  }
}
