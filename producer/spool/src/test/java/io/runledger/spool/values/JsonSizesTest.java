package io.runledger.spool.values;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The size of a tree is that of its text. */
class JsonSizesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "null",
        "1.50",
        "\"\"",
        "{\"a\":1}",
        "{\"a\":1,\"b\":[],\"c\":{\"d\":[1,2,{\"e\":\"\\n\\u0000\"}]}}",
        "[[],[[]],[1,null,true,\"\\\"\"]]",
        "{\"\\u00fc\\\"\":\"\\u20ac\\ud83d\\ude00\",\"\":\"/\"}"
      })
  void aTreeIsAsLongAsItsText(String json) throws IOException {
    JsonNode tree = new ObjectMapper().readTree(json);

    assertThat(new JsonSizes().of(tree))
        .isEqualTo(tree.toString().getBytes(StandardCharsets.UTF_8).length);
  }

  @Test
  void aNodeIsMeasuredOnceHoweverOftenItsParentsAre() {
    int[] printed = new int[1];
    JsonNode leaf =
        new TextNode("x") {
          private static final long serialVersionUID = 1;

          @Override
          public String toString() {
            printed[0]++;
            return super.toString();
          }
        };
    ArrayNode inner = JsonNodeFactory.instance.arrayNode().add(leaf);
    ArrayNode outer = JsonNodeFactory.instance.arrayNode().add(inner).add(inner);
    JsonSizes sizes = new JsonSizes();

    assertThat(sizes.of(inner)).isEqualTo(5);
    assertThat(sizes.of(outer)).isEqualTo(13);
    assertThat(sizes.of(outer)).isEqualTo(13);

    assertThat(printed[0]).isEqualTo(1);
  }
}
