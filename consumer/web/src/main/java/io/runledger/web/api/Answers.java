package io.runledger.web.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import io.runledger.query.format.Json;

/** What a request gets. */
final class Answers {

  private Answers() {}

  static void json(Context context, JsonNode document) {
    context.contentType("application/json").result(Json.bytes(document));
  }
}
