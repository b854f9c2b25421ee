package io.runledger.web.api;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;

/** The description of the API, as OpenAPI 3.1. */
public final class OpenApiRoute {

  private OpenApiRoute() {}

  public static void addTo(RoutesConfig routes) {
    routes.get("/api/v1/openapi.json", OpenApiRoute::answer);
  }

  private static void answer(Context context) throws IOException {
    Parameters.of(context, Set.of());
    try (InputStream in = OpenApiRoute.class.getResourceAsStream("openapi.json")) {
      if (in == null) {
        throw new IllegalStateException("The library runledger-web lacks openapi.json.");
      }
      context.contentType("application/json").result(in.readAllBytes());
    }
  }
}
