package io.runledger.query.filter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import io.runledger.query.filter.Field.Attribute;
import io.runledger.query.filter.Field.Fact;
import io.runledger.query.filter.NaiveFilter.Facts;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;

/** Runs drawn at random, with names and values that are hard to tell apart. */
final class RandomRuns {

  private static final ObjectMapper JSON = new ObjectMapper();

  static final List<String> TEXTS =
      List.of(
          "a", "A", "b", "ab", "7", "0.5", "true", "ä", "Ä", "a'b", "a\"b", "%", "_", "null", "a b",
          "");

  private static final List<String> NAMES =
      List.of("lr", "opt", "a.b", "0", "x y", "q\"q", "ä", "b\\n");

  private static final List<Double> VALUES =
      List.of(
          0.0,
          -0.0,
          0.5,
          7.0,
          -1.5,
          Double.NaN,
          Double.POSITIVE_INFINITY,
          Double.NEGATIVE_INFINITY);

  private RandomRuns() {}

  static void deliver(Laboratory laboratory, Random random, int number, Map<RunId, Facts> all)
      throws JsonProcessingException {
    Map<Attribute, Object> attributes = new HashMap<>();
    String dataset = maybe(random, one(random, TEXTS));
    Events run =
        Events.of(
            RunKey.of(
                "e" + number,
                dataset,
                null,
                null,
                null,
                random.nextBoolean() ? (long) number : null));
    put(attributes, Attribute.EXPERIMENT, "e" + number);
    put(attributes, Attribute.DATASET, dataset);
    ObjectNode config = (ObjectNode) value(random, 3, true);
    List<String> tags = some(random, TEXTS.subList(0, 12));
    String notes = maybe(random, one(random, TEXTS));
    put(attributes, Attribute.NOTES, notes);
    String host = maybe(random, one(random, TEXTS.subList(0, 4)));
    List<SpecificRecord> events = new ArrayList<>();
    events.add(
        run.started(
            start ->
                start.setConfig(config.toString()).setTags(tags).setNotes(notes).setHost(host)));
    put(attributes, Attribute.STATUS, "running");
    Map<String, List<Double>> metrics = new HashMap<>();
    for (int step = 0; step < random.nextInt(4); step++) {
      String name = one(random, NAMES);
      double value = one(random, VALUES);
      events.add(run.metric(name, step, value));
      metrics.computeIfAbsent(name, first -> new ArrayList<>()).add(value);
    }
    Map<String, JsonNode> summary = new HashMap<>();
    if (random.nextBoolean()) {
      ObjectNode results = (ObjectNode) value(random, 1, true);
      events.add(run.results(results.toString()));
      results
          .properties()
          .forEach(entry -> summary.put(entry.getKey(), asInSummary(entry.getValue())));
    }
    if (random.nextBoolean()) {
      events.add(run.completed());
      put(attributes, Attribute.STATUS, "completed");
    }
    laboratory.deliver(events.toArray(SpecificRecord[]::new));
    List<String> hosts = host == null ? List.of() : List.of(host);
    all.put(
        run.run(),
        new Facts(
            attributes,
            Map.of(Fact.TAG, tags, Fact.HOST, hosts),
            JSON.readTree(config.toString()),
            summary,
            metrics));
  }

  /** The summary of a run has numbers and texts alone. */
  private static JsonNode asInSummary(JsonNode value) {
    return value.isBoolean() || value.isContainerNode()
        ? JsonNodeFactory.instance.textNode(value.toString())
        : value;
  }

  private static void put(Map<Attribute, Object> attributes, Attribute attribute, Object value) {
    if (value != null) {
      attributes.put(attribute, value);
    }
  }

  private static JsonNode value(Random random, int depth, boolean isObject) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (isObject ? 6 : random.nextInt(depth > 0 ? 8 : 6)) {
      case 0 -> nodes.textNode(one(random, TEXTS));
      case 1 -> nodes.numberNode((long) random.nextInt(3));
      case 2 -> nodes.numberNode(random.nextInt(4) * 0.5);
      case 3 -> nodes.booleanNode(random.nextBoolean());
      case 4 -> nodes.nullNode();
      case 5 -> nodes.numberNode(7);
      case 6 -> {
        ObjectNode object = nodes.objectNode();
        for (int i = random.nextInt(4); i >= 0; i--) {
          object.set(one(random, NAMES), value(random, depth - 1, false));
        }
        yield object;
      }
      default -> {
        ArrayNode list = nodes.arrayNode();
        for (int i = random.nextInt(3); i > 0; i--) {
          list.add(value(random, depth - 1, false));
        }
        yield list;
      }
    };
  }

  static String name(Random random) {
    String name = one(random, NAMES);
    return random.nextBoolean() && name.matches("[a-z0-9.ä]+") ? name : quoted(name);
  }

  static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  static <T> T one(Random random, List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private static <T> T maybe(Random random, T value) {
    return random.nextInt(3) == 0 ? null : value;
  }

  private static List<String> some(Random random, List<String> all) {
    return all.stream().filter(one -> random.nextInt(4) == 0 && !one.isEmpty()).sorted().toList();
  }
}
