package io.runledger.web.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.runledger.query.format.Json;
import java.util.Map;

/**
 * Why a request has no answer, in the form of RFC 9457.
 *
 * @param status of HTTP
 * @param detail a sentence for people
 * @param more further members
 */
public record Problem(HttpStatus status, String detail, Map<String, Integer> more) {

  public Problem {
    more = Map.copyOf(more);
  }

  public Problem(HttpStatus status, String detail) {
    this(status, detail, Map.of());
  }

  public void answer(Context context) {
    ObjectNode json =
        Json.object()
            .put("type", "about:blank")
            .put("title", status.getMessage())
            .put("status", status.getCode())
            .put("detail", detail);
    more.forEach(json::put);
    context.status(status);
    context.removeHeader("ETag");
    context.contentType("application/problem+json").result(Json.bytes(json));
  }
}
