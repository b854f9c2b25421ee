package io.runledger.web.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.runledger.config.Printable;
import io.runledger.query.format.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** The JSON that a request brings. */
public final class Bodies {

  /** Notes are the longest text that people write. */
  private static final int MOST_BYTES = 1 << 20;

  /** Of a body that is too long: who still sends when the connection is cut hears no answer. */
  private static final int DISCARDED_BYTES = 16 << 20;

  private static final int DISCARDED_AT_ONCE = 1 << 14;

  /** A thread waits for each; those of a client that never ends must leave threads for others. */
  private static final Semaphore READERS = new Semaphore(32);

  private Bodies() {}

  /**
   * The object in the body. Only its own type is read, which no form of another site's page has.
   *
   * @param known the names that it may have
   */
  public static JsonNode json(Context context, Set<String> known) {
    JsonNode json = json(context);
    json.fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                throw new BadRequestException(
                    "The body may have %s, not '%s'."
                        .formatted(
                            String.join(", ", known.stream().sorted().toList()),
                            Printable.word(name)));
              }
            });
    return json;
  }

  /** The same, whatever names it has. */
  public static JsonNode json(Context context) {
    String type = context.contentType();
    if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
      throw problem(HttpStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be application/json.");
    }
    byte[] bytes = bytes(context);
    if (bytes.length > MOST_BYTES) {
      throw problem(
          HttpStatus.CONTENT_TOO_LARGE, "The body has more than %,d bytes.".formatted(MOST_BYTES));
    }
    JsonNode json = Json.parsed(new String(bytes, StandardCharsets.UTF_8));
    if (!json.isObject()) {
      throw new BadRequestException("The body is not a JSON object.");
    }
    return json;
  }

  private static byte[] bytes(Context context) {
    if (!READERS.tryAcquire()) {
      context.header("Retry-After", "5");
      throw problem(
          HttpStatus.SERVICE_UNAVAILABLE,
          "Too many requests send their bodies at this moment; try again.");
    }
    try {
      InputStream body = context.req().getInputStream();
      byte[] bytes = body.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        discard(body);
      }
      return bytes;
    } catch (IOException e) {
      // Its sender has left, or sent nothing for too long.
      throw problem(HttpStatus.REQUEST_TIMEOUT, "The body has not come whole.");
    } finally {
      READERS.release();
    }
  }

  private static void discard(InputStream body) throws IOException {
    byte[] bytes = new byte[DISCARDED_AT_ONCE];
    int left = DISCARDED_BYTES;
    int read = body.read(bytes);
    while (read > 0 && left > 0) {
      left -= read;
      read = body.read(bytes);
    }
  }

  private static HttpResponseException problem(HttpStatus status, String sentence) {
    return new HttpResponseException(status.getCode(), sentence, java.util.Map.of());
  }
}
