package io.runledger.service.alert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.fold.Instants;
import io.runledger.fold.alert.AlertedRun;
import io.runledger.fold.alert.DueDelivery;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.alert.RunScope.Part;
import io.runledger.schemas.RunId;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a receiver gets.
 *
 * @param id what it knows the firing by, however often it comes
 * @param json the whole, as one JSON object
 */
record AlertMessage(String id, String json) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of a name in the sentence for people. */
  private static final int LONGEST_NAME = 100;

  /** Of what a run is called: a program must be able to take a whole message without reading it. */
  private static final int LONGEST_PART = 1_000;

  static AlertMessage of(DueDelivery due) {
    Firing firing = due.firing();
    ObjectNode message = JsonNodeFactory.instance.objectNode();
    message.put("id", firing.id());
    message.put("text", text(firing, due.run()));
    message.put("rule", firing.rule());
    message.put("condition", firing.condition());
    message.put("fired_at", firing.firedAt().toString());
    message.put("at", Instants.ofMicros(firing.atMicros()).toString());
    message.set("run", run(firing.runId(), due.run()));
    message.put("attempt", Long.toString(firing.attemptId()));
    firing.status().ifPresent(status -> message.put("status", status));
    firing
        .point()
        .ifPresent(
            point -> {
              message.put("metric", point.metric());
              putNumber(message, point.value());
              message.put("step", point.step());
            });
    try {
      return new AlertMessage(firing.id(), JSON.writeValueAsString(message));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A message cannot be written as JSON.", e);
    }
  }

  private static ObjectNode run(long id, Optional<AlertedRun> known) {
    ObjectNode run = JsonNodeFactory.instance.objectNode();
    run.put("id", new RunId(id).toString());
    known.ifPresent(
        found -> {
          run.put("status", found.status());
          for (Part part : Part.values()) {
            if (found.parts().containsKey(part)) {
              run.put(part.word(), cut(found.parts().get(part), LONGEST_PART));
            }
          }
        });
    return run;
  }

  /** What JSON has no number for is a text, as in all JSON of ours. */
  private static void putNumber(ObjectNode message, double value) {
    if (Double.isFinite(value)) {
      message.put("value", value);
    } else {
      message.put("value", Double.toString(value));
    }
  }

  /** What a chat shows: nothing in it that a job said can be markup there. */
  private static String text(Firing firing, Optional<AlertedRun> run) {
    String name =
        run.map(known -> known.parts().get(Part.NAME)).map(AlertMessage::plain).orElse("");
    return "Alert %s: run %s%s, %s"
        .formatted(
            firing.rule(),
            new RunId(firing.runId()),
            name.isEmpty() ? "" : " (" + name + ")",
            firing.condition());
  }

  private static String plain(String text) {
    return cut(text, LONGEST_NAME).replaceAll("[^\\p{L}\\p{N} ._/=+,%-]", "_");
  }

  private static String cut(String text, int length) {
    return text.length() > length ? text.substring(0, length) : text;
  }

  /** The bytes that are sent, and signed. */
  byte[] body() {
    return json.getBytes(StandardCharsets.UTF_8);
  }
}
