package io.runledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every implementation, in any language, must agree with these vectors, which Python made. */
@Timeout(30)
class RunIdVectorsTest {

  @ParameterizedTest
  @MethodSource("vectors")
  void anIdIsThatOfItsVector(JsonNode vector) {
    JsonNode parts = vector.get("parts");
    RunId id;
    if (vector.get("kind").asText().equals("key")) {
      RunKey key = key(parts);
      assertThat(HexFormat.of().formatHex(key.canonicalEncoding()))
          .isEqualTo(vector.get("canonical_encoding").asText());
      id = RunId.of(key);
    } else {
      id =
          RunId.ofInstance(
              parts.get("project").asText(),
              parts.get("name").asText(),
              UUID.fromString(parts.get("instance").asText()));
    }

    assertThat(id.value()).isEqualTo(Long.parseLong(vector.get("run_id").asText()));
    assertThat(id.toString()).isEqualTo(vector.get("text").asText());
    assertThat(RunId.parse(vector.get("text").asText())).isEqualTo(id);
  }

  @Test
  void thereAreVectorsOfBothKindsAndOnlyEqualEncodingsShareAnId() throws IOException {
    Set<String> ids = new HashSet<>();
    Set<String> encodings = new HashSet<>();
    Set<String> kinds = new HashSet<>();
    vectors()
        .forEach(
            vector -> {
              ids.add(vector.get("run_id").asText());
              encodings.add(vector.get("canonical_encoding").asText());
              kinds.add(vector.get("kind").asText());
            });

    assertThat(vectors().count()).isGreaterThanOrEqualTo(12);
    assertThat(kinds).containsExactlyInAnyOrder("key", "instance");
    assertThat(ids).hasSameSizeAs(encodings);
  }

  private static RunKey key(JsonNode parts) {
    String seed = text(parts, "seed");
    return RunKey.of(
        text(parts, "experiment"),
        text(parts, "dataset"),
        text(parts, "method"),
        text(parts, "subject"),
        text(parts, "cl_info"),
        seed == null ? null : Long.valueOf(seed));
  }

  private static String text(JsonNode parts, String name) {
    JsonNode part = parts.get(name);
    return part.isNull() ? null : part.textValue();
  }

  static Stream<JsonNode> vectors() throws IOException {
    try (InputStream in = RunId.class.getResourceAsStream("run-id-vectors.json")) {
      JsonNode vectors = new ObjectMapper().readTree(in).get("vectors");
      return StreamSupport.stream(vectors.spliterator(), false);
    }
  }
}
