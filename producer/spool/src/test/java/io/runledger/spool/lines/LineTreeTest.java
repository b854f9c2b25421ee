package io.runledger.spool.lines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** A part of a line that cannot be read costs itself. */
class LineTreeTest {

  private final BadParts parts = new BadParts();

  private JsonNode tree(String line) throws BadLineException {
    return LineTree.of(line.getBytes(StandardCharsets.UTF_8), parts);
  }

  @Test
  void wordsForNumbersAreReadInAnyCaseAndOnlyWhereANumberMayStand() throws BadLineException {
    JsonNode line = tree("{\"a\":nan,\"b\":-inf,\"c\":[INFINITY, NaN(7)],\"d\":\"x: nan\"}");

    assertThat(line.toString())
        .isEqualTo(
            "{\"a\":\"NaN\",\"b\":\"-Infinity\",\"c\":[\"Infinity\",\"NaN\"],\"d\":\"x: nan\"}");
    assertThat(parts.count()).isZero();
  }

  @Test
  void aNumberBeyond64BitsIsLostAndTheRestIsNot() throws BadLineException {
    JsonNode line = tree("{\"a\":1e999,\"b\":2}");

    assertThat(line.get("a")).isInstanceOf(LineTree.Lost.class);
    assertThat(line.get("b").intValue()).isEqualTo(2);
    assertThat(parts.reason()).contains("'a' does not fit in 64 bits");
  }

  @Test
  void aNumberOfAThousandDigitsIsReadAndALongerOneIsLost() throws BadLineException {
    assertThat(tree("{\"a\":" + "9".repeat(1_000) + "}").get("a").isBigInteger()).isTrue();

    assertThat(tree("{\"a\":" + "9".repeat(1_001) + "}").get("a"))
        .isInstanceOf(LineTree.Lost.class);
  }

  @Test
  void whatIsNestedTooDeeplyIsLostAndWhatFollowsIsRead() throws BadLineException {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);

    JsonNode line = tree("{\"a\":" + deep + ",\"b\":2}");

    assertThat(line.get("b").intValue()).isEqualTo(2);
    assertThat(parts.count()).isEqualTo(1);
  }

  @Test
  void aNameThatStandsTwiceInsideIsCountedAndTheLastOneIsKept() throws BadLineException {
    assertThat(tree("{\"metrics\":{\"a\":1,\"a\":2}}").at("/metrics/a").intValue()).isEqualTo(2);

    assertThat(parts.reason()).contains("'a' appears twice in 'metrics'");
  }

  @Test
  void aNameThatStandsTwiceInTheLineItselfMakesItABadOne() {
    assertThatThrownBy(() -> tree("{\"run\":1,\"run\":2}"))
        .isInstanceOf(BadLineException.class)
        .hasMessageContaining("'run' appears twice");
  }

  @Test
  void aMetricWhoseNameIsTooLongIsLostAndTheOthersAreNot() throws BadLineException {
    String name = "x".repeat(10_001);

    assertThat(tree("{\"metrics\":{\"" + name + "\":[1,{}],\"b\":2}}").at("/metrics").toString())
        .isEqualTo("{\"b\":2}");
    assertThat(parts.count()).isEqualTo(1);
  }

  @Test
  void bytesThatAreNotUtf8AreReplacedAndCounted() throws BadLineException {
    byte[] line = "{\"a\":\"?\"}".getBytes(StandardCharsets.UTF_8);
    line[6] = (byte) 0xff;

    assertThat(LineTree.of(line, parts).get("a").textValue()).isEqualTo("\ufffd");
    assertThat(parts.reason()).contains("not UTF-8");
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheLine() throws BadLineException {
    assertThat(tree("\ufeff{\"a\":1}").get("a").intValue()).isEqualTo(1);
  }

  @Test
  void whatIsNoJsonOrMoreThanOneIsABadLine() {
    for (String line :
        new String[] {"", "  ", "{\"a\":", "{\"a\":1} {}", "{'a':1}", "{\"a\":nope}"}) {
      assertThatThrownBy(() -> tree(line)).as(line).isInstanceOf(BadLineException.class);
    }
    assertThat(parts.count()).as("nothing of it counts as a part").isZero();
  }
}
