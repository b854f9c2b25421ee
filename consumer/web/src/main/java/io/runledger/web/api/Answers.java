package io.runledger.web.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.javalin.http.Context;
import io.runledger.query.format.Json;
import java.util.List;
import java.util.Optional;

/** What a request gets. */
public final class Answers {

  private Answers() {}

  public static void json(Context context, JsonNode document) {
    context.contentType("application/json").result(Json.bytes(document));
  }

  /** Cells of a column, which are null, texts, numbers, truths or JSON. */
  static ArrayNode column(List<Object> cells) {
    ArrayNode column = Json.array();
    for (Object cell : cells) {
      if (cell instanceof JsonNode json) {
        column.add(json);
      } else if (cell instanceof Boolean truth) {
        column.add(truth);
      } else {
        column.add(Json.value(Optional.ofNullable(cell)));
      }
    }
    return column;
  }
}
