package io.runledger.web;

import io.javalin.http.HttpStatus;
import io.runledger.web.api.Problem;
import io.runledger.web.security.SecurityHeaders;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Requests that the server refuses before any route sees them, because it cannot read them: their
 * answers have the form and the headers of all others, and no word of what was sent.
 */
final class RefusedRequests extends ErrorHandler {

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    HttpStatus status = HttpStatus.forStatus(response.getStatus());
    Optional<String> reason =
        Optional.ofNullable(request.getAttribute(ERROR_MESSAGE)).map(Object::toString);
    byte[] body = new Problem(status, sentence(status, reason)).bytes();
    HttpFields.Mutable headers = response.getHeaders();
    SecurityHeaders.ALL.forEach((name, value) -> headers.put(new HttpField(name, value)));
    headers.put(HttpHeader.CACHE_CONTROL, "no-store");
    headers.put(HttpHeader.CONTENT_TYPE, Problem.TYPE);
    headers.put(HttpHeader.CONTENT_LENGTH, body.length);
    response.write(true, ByteBuffer.wrap(body), callback);
    return true;
  }

  private static String sentence(HttpStatus status, Optional<String> reason) {
    return switch (status) {
      case URI_TOO_LONG -> "The address is too long; it may have 64 KiB.";
      case REQUEST_HEADER_FIELDS_TOO_LARGE -> "The headers are too long; they may have 64 KiB.";
      case INTERNAL_SERVER_ERROR -> Problem.OURS;
      // The words are Jetty's own, such as: Ambiguous URI path separator.
      default ->
          reason
              .filter(words -> !words.equals(status.getMessage()))
              .map(words -> "The request cannot be read: %s.".formatted(words))
              .orElse("The request cannot be read.");
    };
  }
}
