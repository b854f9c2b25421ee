package io.runledger.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Settings are found as in all languages: the Python package reads the same vectors. */
class SettingsVectorsTest {

  @TempDir Path directory;

  static Stream<Arguments> vectors() throws IOException {
    try (var resource = SettingsVectorsTest.class.getResourceAsStream("/settings-vectors.json")) {
      JsonNode vectors = new ObjectMapper().readTree(resource).get("vectors");
      return StreamSupport.stream(vectors.spliterator(), false)
          .map(vector -> Arguments.of(vector.get("what").asText(), vector));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("vectors")
  void theSettingsOfAJobAreFoundAsInAllLanguages(String what, JsonNode vector) throws IOException {
    for (Map.Entry<String, JsonNode> file : vector.get("files").properties()) {
      Path path = Path.of(placed(file.getKey()));
      Files.createDirectories(path.getParent());
      Files.write(path, content(file.getValue()));
    }
    Map<String, String> environment = new HashMap<>();
    vector
        .get("environment")
        .properties()
        .forEach(
            variable -> environment.put(variable.getKey(), placed(variable.getValue().asText())));
    List<String> told = new ArrayList<>();

    Configuration found = Configuration.forJob(environment, Optional.empty(), told::add);

    for (Map.Entry<String, JsonNode> expected : vector.get("expected").properties()) {
      Setting setting = Setting.ofKey(expected.getKey()).orElseThrow();
      assertThat(
              switch (setting) {
                case SPOOL -> found.path(setting).toString();
                case DB -> found.database().toString();
                default -> found.get(setting);
              })
          .as("%s: %s", what, setting.key())
          .isEqualTo(placed(expected.getValue().asText()));
    }
    if (vector.get("complaints").asInt() > 0) {
      assertThat(told).hasSize(1);
    }
  }

  @Test
  void anEmptyHomeIsNotTheWorkingDirectory() {
    for (String home : List.of("", ".", "relative")) {
      Path spool =
          Configuration.load(Map.of(), Map.of("HOME", home), Optional.empty()).path(Setting.SPOOL);

      assertThat(spool)
          .isEqualTo(Path.of(System.getProperty("user.home"), ".local/share/runledger/spool"));
    }
  }

  private byte[] content(JsonNode given) {
    return given.isObject()
        ? HexFormat.of().parseHex(given.get("hex").asText())
        : placed(given.asText()).getBytes(StandardCharsets.UTF_8);
  }

  private String placed(String text) {
    return text.replace("{dir}", directory.toString());
  }
}
