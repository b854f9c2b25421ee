package io.runledger.serde.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Requests to a registry: its URLs are tried in turn, beginning with the one that answered last;
 * its own "not found" is distinguished from an outage. Thread-safe.
 */
final class RegistryHttp {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(5);

  /** A registry's longest answers are schemas; another server at its URL may send anything. */
  private static final int LONGEST_ANSWER = 16 << 20;

  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";

  /** Subject, version and schema not found, as the protocol numbers them. */
  private static final List<Integer> NOT_FOUND = List.of(40401, 40402, 40403);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client;
  private final Duration readTimeout;
  private final List<RegistryEndpoint> endpoints;
  private volatile int answeredLast;
  private volatile Optional<Duration> clockAhead = Optional.empty();

  private RegistryHttp(
      List<RegistryEndpoint> endpoints, Duration connectTimeout, Duration readTimeout) {
    this.endpoints = endpoints;
    this.readTimeout = readTimeout;
    HttpClient.Builder builder =
        HttpClient.newBuilder().connectTimeout(connectTimeout).version(HttpClient.Version.HTTP_1_1);
    if (endpoints.stream().noneMatch(RegistryEndpoint::isEncrypted)) {
      builder.sslContext(new NoTls());
    }
    this.client = builder.build();
  }

  static RegistryHttp of(Map<String, ?> config) {
    return new RegistryHttp(
        RegistryEndpoint.all(config),
        timeout(config, "http.connect.timeout.ms", CONNECT_TIMEOUT),
        timeout(config, "http.read.timeout.ms", READ_TIMEOUT));
  }

  private static Duration timeout(Map<String, ?> config, String key, Duration byDefault) {
    Object value = config.get(key);
    if (value == null) {
      return byDefault;
    }
    try {
      long millis = Long.parseLong(value.toString());
      if (millis > 0) {
        return Duration.ofMillis(millis);
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(key + " must be a whole number, not '" + value + "'.", e);
    }
    throw new IllegalArgumentException(key + " must be at least 1, not '" + value + "'.");
  }

  JsonNode get(String path) {
    return send("GET", path, Optional.empty());
  }

  JsonNode post(String path, String body) {
    return send("POST", path, Optional.of(body));
  }

  JsonNode put(String path, String body) {
    return send("PUT", path, Optional.of(body));
  }

  private JsonNode send(String method, String path, Optional<String> body) {
    RegistryUnavailableException last = null;
    int first = answeredLast;
    for (int i = 0; i < endpoints.size(); i++) {
      int turn = (first + i) % endpoints.size();
      try {
        JsonNode answer = send(endpoints.get(turn), method, path, body);
        answeredLast = turn;
        return answer;
      } catch (RegistryUnavailableException e) {
        if (last != null) {
          e.addSuppressed(last);
        }
        last = e;
        if (Thread.currentThread().isInterrupted()) {
          break;
        }
      }
    }
    throw last;
  }

  private JsonNode send(
      RegistryEndpoint endpoint, String method, String path, Optional<String> body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(endpoint.base() + path))
            .header("Accept", MEDIA_TYPE + ", application/json")
            .header("Content-Type", MEDIA_TYPE)
            .method(method, body.map(BodyPublishers::ofString).orElseGet(BodyPublishers::noBody));
    endpoint.authorization().ifPresent(value -> request.header("Authorization", value));
    String asked = method + " " + endpoint.base() + path;
    // The client's own timeout ends with the headers; a body that never ends would hang for ever.
    CompletableFuture<HttpResponse<String>> coming =
        client.sendAsync(request.build(), head -> new BoundedBody(LONGEST_ANSWER));
    try {
      HttpResponse<String> response = coming.get(readTimeout.toMillis(), TimeUnit.MILLISECONDS);
      clockAhead = date(response).map(date -> Duration.between(Instant.now(), date));
      return answer(asked, response);
    } catch (TimeoutException e) {
      throw new RegistryUnavailableException(
          "The schema registry did not answer %s within %d ms."
              .formatted(asked, readTimeout.toMillis()),
          e);
    } catch (ExecutionException e) {
      throw new RegistryUnavailableException(
          "The schema registry cannot be reached (" + asked + "): " + e.getCause() + ".", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryUnavailableException("Interrupted while asking " + asked + ".", e);
    } finally {
      coming.cancel(true);
    }
  }

  /** How far the clock that dated the last answer was ahead of ours. */
  Optional<Duration> clockAhead() {
    return clockAhead;
  }

  private static Optional<Instant> date(HttpResponse<String> response) {
    try {
      return response
          .headers()
          .firstValue("Date")
          .map(text -> Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text)));
    } catch (DateTimeException notADate) {
      return Optional.empty();
    }
  }

  private static JsonNode answer(String asked, HttpResponse<String> response) {
    JsonNode json = parsed(asked, response);
    int status = response.statusCode();
    if (status == 200) {
      return json;
    }
    int errorCode = json.path("error_code").intValue();
    String message = json.path("message").asText("no message");
    if (status == 404 && NOT_FOUND.contains(errorCode)) {
      throw new SchemaNotFoundException(
          "The schema registry has no such schema (%s): %d %s".formatted(asked, errorCode, message),
          null);
    }
    throw new RegistryUnavailableException(
        "The schema registry refused %s: HTTP %d, error %d, %s"
            .formatted(asked, status, errorCode, message),
        null);
  }

  private static JsonNode parsed(String asked, HttpResponse<String> response) {
    try {
      JsonNode json = JSON.readTree(response.body());
      if (json != null && !json.isMissingNode()) {
        return json;
      }
      throw new RegistryUnavailableException(
          "The schema registry answered %s with HTTP %d and an empty body."
              .formatted(asked, response.statusCode()),
          null);
    } catch (JsonProcessingException e) {
      throw new RegistryUnavailableException(
          "The schema registry answered %s with HTTP %d and a body that is not JSON; check %s."
              .formatted(asked, response.statusCode(), "schema.registry.url"),
          e);
    }
  }
}
