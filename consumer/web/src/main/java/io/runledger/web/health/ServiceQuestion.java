package io.runledger.web.health;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.config.Printable;
import io.runledger.query.format.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the service that applies events how it does, on its health port of this machine, not more
 * often than once a second. That of another database may have the port. Thread-safe.
 */
public final class ServiceQuestion {

  private static final Logger logger = LoggerFactory.getLogger(ServiceQuestion.class);

  private static final Duration PATIENCE = Duration.ofMillis(500);
  private static final long KEPT_NANOS = 1_000_000_000L;

  /**
   * What the service of this database says.
   *
   * @param lag records that are not applied, by topic
   */
  record Answer(
      boolean isHealthy,
      String state,
      List<String> reasons,
      SortedMap<String, Long> lag,
      Optional<Instant> lastApplied) {}

  /**
   * What came of the question.
   *
   * @param answer empty where nothing answers that is the service of this database
   * @param stranger a sentence about what answers instead of it
   */
  record Reply(Optional<Answer> answer, Optional<String> stranger) {

    static final Reply NONE = new Reply(Optional.empty(), Optional.empty());

    private static Reply of(Answer answer) {
      return new Reply(Optional.of(answer), Optional.empty());
    }

    private static Reply ofStranger(String sentence) {
      return new Reply(Optional.empty(), Optional.of(sentence));
    }
  }

  private final Predicate<String> isOurs;
  private final String host;
  private final int port;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private Reply last = Reply.NONE;
  private long askedNanos;
  private boolean wasAsked;

  /** Why nothing was heard the last time, which is logged once. */
  private String logged = "";

  /**
   * @param isOurs whether the database that a service says it writes is the one whose service is
   *     asked
   * @param host the address on which it listens
   * @param port its port; 0 or less where nobody can know it
   */
  public ServiceQuestion(Predicate<String> isOurs, String host, int port) {
    this.isOurs = isOurs;
    this.host = host;
    this.port = port;
  }

  /** What it says now, or said within the last second. */
  synchronized Reply ask() {
    if (port > 0 && (!wasAsked || System.nanoTime() - askedNanos > KEPT_NANOS)) {
      last = reply();
      askedNanos = System.nanoTime();
      wasAsked = true;
    }
    return last;
  }

  private Reply reply() {
    try {
      Reply reply = read(Json.parsed(body()));
      reply.stranger().ifPresentOrElse(this::log, () -> logged = "");
      return reply;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (UnknownHostException | URISyntaxException e) {
      log(
          "The setting health.host is '%s', which is not an address of this machine: the health of the service cannot be shown."
              .formatted(Printable.line(host)));
    } catch (IOException e) {
      log(
          "No service answers on %s, port %d (%s): only what the database says of its health can be shown."
              .formatted(Printable.line(host), port, e));
    }
    return Reply.NONE;
  }

  /** Once, until something else is the matter. */
  private void log(String sentence) {
    if (!sentence.equals(logged)) {
      logged = sentence;
      logger.info(sentence);
    }
  }

  private String body() throws IOException, URISyntaxException, InterruptedException {
    InetAddress address = InetAddress.getByName(host);
    // Where it listens on all, it is on this one too.
    String asked = address.isAnyLocalAddress() ? "127.0.0.1" : host;
    URI uri = new URI("http", null, asked, port, "/health", null, null);
    CompletableFuture<HttpResponse<String>> exchange =
        client.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    try {
      // A request's own limit ends with the headers; the body of a stranger may come for ever.
      return exchange.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).body();
    } catch (TimeoutException e) {
      throw new IOException("nothing within %d ms".formatted(PATIENCE.toMillis()), e);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } finally {
      exchange.cancel(true);
    }
  }

  private Reply read(JsonNode json) {
    if (!json.path("state").isTextual()) {
      return Reply.ofStranger(
          "What answers on %s, port %d, is not Runledger's service; set health.port to the service's port."
              .formatted(Printable.line(host), port));
    }
    if (!json.path("database").isTextual()) {
      return Reply.ofStranger(
          "The service on %s, port %d, is older than this server and does not say which database it writes; restart it with this version."
              .formatted(Printable.line(host), port));
    }
    String written = json.path("database").textValue();
    if (!isOurs.test(written)) {
      return Reply.ofStranger(
          "The service on %s, port %d, writes another database, %s; set health.port to the port of the service that writes this one."
              .formatted(Printable.line(host), port, Printable.word(written)));
    }
    SortedMap<String, Long> lag = new TreeMap<>();
    for (Map.Entry<String, JsonNode> topic : json.path("lag").properties()) {
      lag.put(topic.getKey(), topic.getValue().asLong());
    }
    List<String> reasons = new ArrayList<>();
    json.path("reasons").forEach(reason -> reasons.add(reason.asText()));
    return Reply.of(
        new Answer(
            json.path("healthy").asBoolean(),
            json.path("state").asText(),
            List.copyOf(reasons),
            lag,
            instant(json.path("last_applied").asText())));
  }

  /** A service of a file. Through all links: behind them is the generation that both mean now. */
  public static Predicate<String> ofFile(Path database) {
    return written -> {
      try {
        return Files.isSameFile(Path.of(written), database);
      } catch (IOException | InvalidPathException e) {
        // It is not on this machine, or not to be seen from here.
        return false;
      }
    };
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
