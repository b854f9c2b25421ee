package io.runledger.web.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.query.format.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Asks the service that applies events how it does, on its health port of this machine, not more
 * often than once a second. Thread-safe.
 */
public final class ServiceQuestion {

  private static final Duration PATIENCE = Duration.ofMillis(500);
  private static final long KEPT_NANOS = 1_000_000_000L;

  /**
   * What it says.
   *
   * @param lag records that are not applied, by topic
   */
  record Answer(
      boolean isHealthy,
      String state,
      List<String> reasons,
      SortedMap<String, Long> lag,
      Optional<Instant> lastApplied) {}

  private final String host;
  private final int port;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private Optional<Answer> last = Optional.empty();
  private long askedNanos;
  private boolean wasAsked;

  /**
   * @param host the address on which it listens
   * @param port its port; 0 or less where nobody can know it
   */
  public ServiceQuestion(String host, int port) {
    this.host = host;
    this.port = port;
  }

  /** Empty where nothing answers. */
  synchronized Optional<Answer> ask() {
    if (port > 0 && (!wasAsked || System.nanoTime() - askedNanos > KEPT_NANOS)) {
      last = answer();
      askedNanos = System.nanoTime();
      wasAsked = true;
    }
    return last;
  }

  private Optional<Answer> answer() {
    try {
      InetAddress address = InetAddress.getByName(host);
      // Where it listens on all, it is on this one too.
      String asked = address.isAnyLocalAddress() ? "127.0.0.1" : host;
      URI uri = new URI("http", null, asked, port, "/health", null, null);
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), BodyHandlers.ofString());
      return read(Json.parsed(answer.body()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (UnknownHostException | java.net.URISyntaxException e) {
      return Optional.empty();
    } catch (IOException e) {
      // It does not run, or not here.
      return Optional.empty();
    }
  }

  private static Optional<Answer> read(JsonNode json) {
    if (!json.path("state").isTextual()) {
      return Optional.empty();
    }
    SortedMap<String, Long> lag = new TreeMap<>();
    for (Map.Entry<String, JsonNode> topic : json.path("lag").properties()) {
      lag.put(topic.getKey(), topic.getValue().asLong());
    }
    List<String> reasons = new ArrayList<>();
    json.path("reasons").forEach(reason -> reasons.add(reason.asText()));
    return Optional.of(
        new Answer(
            json.path("healthy").asBoolean(),
            json.path("state").asText(),
            List.copyOf(reasons),
            lag,
            instant(json.path("last_applied").asText())));
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
