package io.runledger.web.api;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpStatus;
import io.runledger.query.LedgerWatch;
import io.runledger.query.failure.LedgerException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;

/**
 * Answers of the API hold until the database changes, and until the minute ends, because some
 * depend on the time: {@code started > 2d} chooses other runs tomorrow. Whoever names the state of
 * an earlier answer gets 304 without the question being asked again. The state is read before the
 * question, so an answer is never older than its tag.
 */
public final class EntityTags {

  /** What the database alone does not decide. */
  private static final Set<String> OTHERS =
      Set.of("/api/v1/changes", "/api/v1/session", "/api/v1/health");

  /** Tells the states of this server from those of an earlier one. */
  private final String server = HexFormat.of().toHexDigits(new Random().nextInt());

  private final LedgerWatch watch;

  public EntityTags(LedgerWatch watch) {
    this.watch = watch;
  }

  public void addTo(RoutesConfig routes) {
    routes.beforeMatched("/api/v1/*", this::check);
  }

  private void check(Context context) {
    if (!context.method().equals(HandlerType.GET) || OTHERS.contains(context.path())) {
      return;
    }
    try {
      long minute = Instant.now().getEpochSecond() / 60;
      String tag = "W/\"%s-%d-%d\"".formatted(server, watch.version(), minute);
      context.header("ETag", tag);
      context.header("Cache-Control", "private, no-cache");
      context.header("Vary", "Accept-Encoding, Authorization, Cookie");
      String known = context.header("If-None-Match");
      if (known != null
          && Arrays.stream(known.split(",")).anyMatch(one -> one.strip().equals(tag))) {
        context.status(HttpStatus.NOT_MODIFIED);
        context.skipRemainingHandlers();
      }
    } catch (LedgerException e) {
      // The question itself says it better.
    }
  }
}
