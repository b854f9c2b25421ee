package io.runledger.web.door;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpStatus;
import io.runledger.http.Call;
import io.runledger.http.Reply;
import io.runledger.http.Route;
import io.runledger.web.api.Parameters;
import io.runledger.web.api.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What comes in through a door. */
public final class DoorRoutes {

  private static final Logger LOG = LoggerFactory.getLogger(DoorRoutes.class);

  private final Door door;

  public DoorRoutes(Door door) {
    this.door = door;
  }

  public void addTo(RoutesConfig routes) {
    routes.post("/api/v1/events", this::events);
    for (Route route : door.routes()) {
      Handler handler = context -> answer(context, route);
      switch (route.method()) {
        case "GET" -> routes.get(route.path(), handler);
        case "POST" -> routes.post(route.path(), handler);
        case "PUT" -> routes.put(route.path(), handler);
        case "PATCH" -> routes.patch(route.path(), handler);
        case "DELETE" -> routes.delete(route.path(), handler);
        default -> throw new IllegalArgumentException("No route has the method " + route.method());
      }
    }
  }

  /** A request as a door sees it. */
  public static Call call(Context context) {
    return new ContextCall(context);
  }

  private void events(Context context) throws InterruptedException {
    Parameters.of(context, Set.of("file", "position"));
    try {
      send(context, door.events(call(context)));
    } catch (IOException e) {
      unavailable(context, e);
    }
  }

  private static void answer(Context context, Route route) throws InterruptedException {
    try {
      send(context, route.handler().answer(call(context)));
    } catch (IOException e) {
      unavailable(context, e);
    }
  }

  /** Nothing of it is stored: whoever sent it tries again. */
  private static void unavailable(Context context, IOException e) {
    LOG.warn("What was sent to {} cannot be stored: {}", context.path(), e.toString());
    context.header("Retry-After", "5");
    new Problem(
            HttpStatus.SERVICE_UNAVAILABLE, "It cannot be stored at this moment: " + e.getMessage())
        .answer(context);
  }

  private static void send(Context context, Reply reply) throws IOException {
    context.status(reply.status());
    reply.headers().forEach(context::header);
    if (reply.headers().containsKey("Content-Length")) {
      // Compressed it would have another one.
      context.disableCompression();
    }
    context.contentType(reply.type());
    InputStream content = reply.content().open();
    context.result(content);
  }

  private record ContextCall(Context context) implements Call {

    @Override
    public String variable(String name) {
      String value = context.pathParamMap().getOrDefault(name, "");
      // The router leaves it out, but "dir/" is not the name of a file.
      boolean endsWithSlash =
          context.endpoint().path.endsWith("<" + name + ">") && context.path().endsWith("/");
      return endsWithSlash && !value.endsWith("/") ? value + "/" : value;
    }

    @Override
    public List<String> parameters(String name) {
      return context.queryParams(name);
    }

    @Override
    public Optional<String> header(String name) {
      return Optional.ofNullable(context.header(name));
    }

    @Override
    public InputStream body() {
      try {
        return context.req().getInputStream();
      } catch (IOException e) {
        throw new UncheckedIOException("The body of a request cannot be read.", e);
      }
    }
  }
}
