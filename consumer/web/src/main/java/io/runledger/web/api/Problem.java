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

  /** Of the content. */
  public static final String TYPE = "application/problem+json";

  /** What is said of an address that is not one of ours. */
  public static final String NOTHING = "There is nothing at this address.";

  /** What is said of a mistake of ours: whoever asked learns that it is one. */
  public static final String OURS = "The server failed to answer this; its log has the cause.";

  public Problem {
    more = Map.copyOf(more);
  }

  public Problem(HttpStatus status, String detail) {
    this(status, detail, Map.of());
  }

  /** The document. */
  public byte[] bytes() {
    ObjectNode json =
        Json.object()
            .put("type", "about:blank")
            .put("title", status.getMessage())
            .put("status", status.getCode())
            .put("detail", detail);
    more.forEach(json::put);
    return Json.bytes(json);
  }

  public void answer(Context context) {
    context.status(status);
    context.removeHeader("ETag");
    context.contentType(TYPE).result(bytes());
  }
}
