package io.runledger.web.api;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpStatus;
import io.runledger.query.LedgerWatch;
import io.runledger.query.failure.LedgerException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

/**
 * Answers of the API hold until the database changes: whoever names the state of an earlier answer
 * is told so without the question being asked again. The state is read before the question, so an
 * answer is never older than its tag.
 */
public final class EntityTags {

  private static final String CHANGES = "/api/v1/changes";

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
    if (!context.method().equals(HandlerType.GET)
        || context.path().equals(CHANGES)
        || context.path().equals("/api/v1/session")) {
      return;
    }
    try {
      String tag = "W/\"" + server + "-" + watch.version() + "\"";
      context.header("ETag", tag);
      context.header("Cache-Control", "private, no-cache");
      context.header("Vary", "Authorization, Cookie");
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
