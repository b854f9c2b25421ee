package io.runledger.web.live;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.runledger.query.format.Json;
import io.runledger.web.api.Parameters;
import io.runledger.web.live.ChangeFeed.Message;
import jakarta.servlet.ServletOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** The stream of changes: server-sent events, on a thread for each listener. */
public final class ChangeRoutes {

  /** Each holds a connection and a thread. */
  public static final int MOST_STREAMS = 128;

  /** Where it is. */
  public static final String PATH = "/api/v1/changes";

  /** Comments in the time after which a silent connection is ended. */
  private static final int SIGNS_OF_LIFE = 4;

  private final ChangeFeed feed;
  private final long aliveMs;
  private final Semaphore streams = new Semaphore(MOST_STREAMS);

  /**
   * A stream of what the feed says.
   *
   * @param idle after so long without a word the server ends a connection: a comment now and then
   *     keeps it, and finds out who has left
   */
  public ChangeRoutes(ChangeFeed feed, Duration idle) {
    this.feed = feed;
    this.aliveMs = idle.toMillis() / SIGNS_OF_LIFE;
  }

  public void addTo(RoutesConfig routes) {
    routes.get(PATH, this::changes);
  }

  private void changes(Context context) throws IOException {
    Parameters.of(context, Set.of());
    if (!streams.tryAcquire()) {
      context.header("Retry-After", "30");
      throw new HttpResponseException(
          HttpStatus.TOO_MANY_REQUESTS.getCode(),
          "%d pages listen already; close one.".formatted(MOST_STREAMS),
          Map.of());
    }
    try {
      // Written at once, past Javalin, which keeps answers back to compress them.
      context.res().setContentType("text/event-stream");
      context.res().setCharacterEncoding("UTF-8");
      context.res().setHeader("Cache-Control", "no-store");
      context.res().setHeader("X-Accel-Buffering", "no");
      stream(context.res().getOutputStream());
    } catch (IOException e) {
      // The listener has left, which is how these streams end.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      streams.release();
    }
  }

  private void stream(ServletOutputStream out) throws IOException, InterruptedException {
    long position = feed.listen();
    try {
      send(out, "retry: 1000\n: listening\n\n");
      for (Message message = feed.await(position, aliveMs);
          message != null;
          message = feed.await(position, aliveMs)) {
        send(out, message.position() == position ? ": alive\n\n" : event(message));
        position = message.position();
      }
    } finally {
      feed.leave();
    }
  }

  private static String event(Message message) {
    ObjectNode json = Json.object();
    ArrayNode runs = json.putArray("runs");
    message.runs().forEach(run -> runs.add(run.toString()));
    if (message.isAll()) {
      json.put("all", true);
    }
    json.put("position", Long.toString(message.position()));
    return "event: changed\ndata: " + new String(Json.bytes(json), StandardCharsets.UTF_8) + "\n\n";
  }

  private static void send(ServletOutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
