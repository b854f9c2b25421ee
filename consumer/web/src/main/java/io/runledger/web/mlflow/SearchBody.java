package io.runledger.web.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.runledger.config.Printable;
import io.runledger.http.RequestBody;
import io.runledger.query.format.Json;
import io.runledger.web.door.DoorRoutes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The members of a search; one of another type than MLflow's is refused. */
final class SearchBody {

  /** Which runs or experiments are meant, by whether they are deleted. */
  enum View {
    ACTIVE_ONLY,
    DELETED_ONLY,
    ALL
  }

  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,9}");

  private static final int MOST_BYTES = 1 << 20;
  private static final int AT_ONCE = 32;
  private static final RequestBody BODIES = new RequestBody(MOST_BYTES, MOST_BYTES, AT_ONCE);

  private final JsonNode node;

  SearchBody(JsonNode node) {
    this.node = node;
  }

  /** The object in the body, by the rules of the calls that write. */
  static SearchBody of(Context context) {
    String type = context.contentType();
    if (type == null) {
      throw MlflowProblem.invalid("Bad Request. Content-Type header is missing.");
    }
    if (!type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
      throw MlflowProblem.invalid("Bad Request. Content-Type must be one of ['application/json'].");
    }
    try {
      byte[] bytes = BODIES.bytes(DoorRoutes.call(context));
      JsonNode json = Json.parsed(new String(bytes, StandardCharsets.UTF_8));
      if (json.isObject()) {
        return new SearchBody(json);
      }
    } catch (RequestBody.Refused e) {
      boolean isBusy = e.status() == HttpStatus.SERVICE_UNAVAILABLE.getCode();
      if (isBusy) {
        context.header("Retry-After", "5");
      }
      throw new MlflowProblem(
          e.status(), isBusy ? "TEMPORARILY_UNAVAILABLE" : "BAD_REQUEST", e.getMessage());
    }
    throw new MlflowProblem(400, "BAD_REQUEST", "The body is not a JSON object.");
  }

  private boolean isMissing(String name) {
    return node.path(name).isMissingNode() || node.path(name).isNull();
  }

  private MlflowProblem invalid(String name, String what) {
    JsonNode value = node.path(name);
    return MlflowProblem.invalid(
        "Invalid value %s for parameter '%s' supplied: it must be %s."
            .formatted(
                Printable.word(value.isContainerNode() ? value.toString() : value.asText()),
                name,
                what));
  }

  /** An empty text where there is none. */
  String text(String name) {
    if (isMissing(name)) {
      return "";
    }
    if (!node.path(name).isTextual()) {
      throw invalid(name, "a text");
    }
    return node.path(name).textValue();
  }

  /** The texts of a list, of which numbers may be some; none where there is no list. */
  List<String> texts(String name) {
    if (isMissing(name)) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    if (!node.path(name).isArray()) {
      throw invalid(name, "a list");
    }
    for (JsonNode one : node.path(name)) {
      if (!one.isTextual() && !one.isIntegralNumber()) {
        throw invalid(name, "a list of texts");
      }
      texts.add(one.asText());
    }
    return texts;
  }

  /** A whole number, which may come as a text, from 1 to the highest. */
  int count(String name, int otherwise, int highest) {
    if (isMissing(name)) {
      return otherwise;
    }
    JsonNode value = node.path(name);
    boolean isNumber = value.isNumber() || value.isTextual();
    if (isNumber && WHOLE.matcher(value.asText()).matches()) {
      int number = Integer.parseInt(value.asText());
      if (number >= 1 && number <= highest) {
        return number;
      }
    }
    throw invalid(name, "a positive integer of at most %,d".formatted(highest));
  }

  /** MLflow's word, or the number that stands for it. */
  View view(String name) {
    if (isMissing(name)) {
      return View.ACTIVE_ONLY;
    }
    return switch (node.path(name).asText().toUpperCase(Locale.ROOT)) {
      case "ACTIVE_ONLY", "1" -> View.ACTIVE_ONLY;
      case "DELETED_ONLY", "2" -> View.DELETED_ONLY;
      case "ALL", "3" -> View.ALL;
      default -> throw invalid(name, "ACTIVE_ONLY, DELETED_ONLY or ALL");
    };
  }
}
