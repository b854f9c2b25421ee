package io.runledger.spool.lines;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Configuration;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.RunEvent;
import io.runledger.spool.lines.JsonLines.LineEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** JSON.stringify writes null for NaN and for what is undefined: in any field of any line. */
class LineNullsTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String BESIDE =
      "{\"at\":1763917445.25,\"writer_id\":\"0000000000001\",\"run_id\":\"3zjj06d0dzvby\",\"attempt_id\":\"0000000000002\",";

  /** Every kind of line, with every field that it may have. */
  private static final List<String> LINES =
      List.of(
          "\"heartbeat\":30,\"start\":{\"experiment\":\"d\",\"dataset\":\"m\",\"method\":\"c\",\"subject\":\"s\",\"cl_info\":\"i\",\"seed\":1,"
              + "\"project\":\"p\",\"name\":\"n\",\"config\":{\"lr\":0.1,\"l\":[1]},\"notes\":\"n\",\"tags\":[\"a\"],\"host\":\"h\",\"user\":\"u\","
              + "\"pid\":7,\"command\":\"c\",\"git_commit\":\"g\",\"git_dirty\":true,\"resumed_from_step\":4,\"predecessor_attempt_id\":\"0000000000001\","
              + "\"secret_keys\":\"pin\",\"masked_keys\":[\"k\"],\"config_truncated_bytes\":7,\"config_sha256\":\"ab\",\"source\":\"wrapper\","
              + "\"slurm\":{\"cluster\":\"c\",\"job_id\":1,\"array_job_id\":2,\"array_task_id\":3,\"restart_count\":4,\"job_name\":\"j\",\"partition\":\"p\","
              + "\"account\":\"a\",\"qos\":\"q\",\"nodes\":\"n\",\"procid\":5,\"allocated\":{\"cpu\":\"4\"}}}",
          "\"metrics\":{\"loss\":0.5,\"acc\":0.25},\"step\":4,\"epoch\":0.5,\"elapsed_seconds\":7",
          "\"status\":\"failed\",\"exit_code\":3,\"reason\":\"r\",\"source\":\"wrapper\"",
          "\"results\":{\"best\":0.5,\"all\":[1,{\"m\":2}]}",
          "\"error\":{\"type\":\"E\",\"message\":\"m\",\"traceback\":\"t\",\"truncated_bytes\":1,\"sha256\":\"ab\"},\"step\":4",
          "\"artifact\":{\"type\":\"t\",\"path\":\"p\",\"size_bytes\":1,\"sha256\":\"ab\",\"metadata\":{\"k\":1}}",
          "\"annotate\":{\"notes\":\"n\",\"name\":\"m\",\"add_tags\":[\"a\",\"b\"],\"remove_tags\":[\"c\"]}",
          "\"heartbeat\":30",
          "\"dropped\":{\"topic\":\"metrics\",\"count\":2,\"reason\":\"r\"}",
          "\"delete\":{\"reason\":\"r\"}",
          "\"restore\":{\"reason\":\"r\"}");

  /** Without these a line says nothing. */
  private static final Set<String> SAY_IT_ALL =
      Set.of(
          "/start",
          "/metrics",
          "/status",
          "/results",
          "/error",
          "/artifact",
          "/artifact/type",
          "/artifact/path",
          "/annotate",
          "/dropped",
          "/dropped/topic",
          "/dropped/count",
          "/dropped/reason",
          "/delete",
          "/restore",
          // and without these it is nobody's
          "/run_id",
          "/attempt_id");

  /** What is stored as null, because null is a value there. */
  private static final List<String> VALUES =
      List.of("/start/config/", "/results/", "/artifact/metadata/");

  private record Field(String line, String pointer) {}

  static Stream<Field> fields() throws JsonProcessingException {
    List<Field> fields = new ArrayList<>();
    for (String line : LINES) {
      JsonNode tree = JSON.readTree(BESIDE + line + "}");
      addFields(tree, "", line, fields);
    }
    return fields.stream()
        .filter(field -> !SAY_IT_ALL.contains(field.pointer()))
        .filter(
            field ->
                !(field.line().equals("\"heartbeat\":30") && field.pointer().equals("/heartbeat")));
  }

  private static void addFields(JsonNode node, String at, String line, List<Field> fields) {
    for (Map.Entry<String, JsonNode> each : node.properties()) {
      fields.add(new Field(line, at + "/" + each.getKey()));
      addFields(each.getValue(), at + "/" + each.getKey(), line, fields);
    }
  }

  @ParameterizedTest
  @MethodSource("fields")
  void nullCostsItselfAndNotItsLine(Field field) throws Exception {
    List<LineEvent> withNull = events(with(field, true));
    List<LineEvent> without = events(with(field, false));

    if (VALUES.stream().anyMatch(field.pointer()::startsWith)) {
      assertThat(withNull).hasSameSizeAs(without);
      assertThat(withNull.toString()).contains("null");
    } else {
      assertThat(told(withNull)).isEqualTo(told(without));
    }
  }

  /** The events but for the news that a part was lost, which an absent one is not. */
  private static List<LineEvent> told(List<LineEvent> events) {
    return events.stream()
        .filter(
            each ->
                !(each.event() instanceof RunEvent run
                    && run.getEvent() instanceof EventsDropped dropped
                    && !dropped.getReason().equals("r")))
        .toList();
  }

  private static String with(Field field, boolean isNull) throws JsonProcessingException {
    JsonNode tree = JSON.readTree(BESIDE + field.line() + "}");
    JsonPointer pointer = JsonPointer.compile(field.pointer());
    ObjectNode parent = (ObjectNode) tree.at(pointer.head());
    String name = pointer.last().getMatchingProperty();
    if (isNull) {
      parent.putNull(name);
    } else {
      parent.remove(name);
    }
    return tree.toString();
  }

  private static List<LineEvent> events(String line) throws BadLineException {
    Configuration configuration =
        Configuration.load(Map.of(), Map.of("HOME", "/"), Optional.empty());
    // Derived ids are those of the line's bytes; here they must not tell the two apart.
    JsonLines lines = new JsonLines("n.jsonl", configuration);
    lines.events((BESIDE + "\"heartbeat\":1}").getBytes(StandardCharsets.UTF_8));
    return lines.events(line.getBytes(StandardCharsets.UTF_8));
  }
}
