package io.runledger.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import io.runledger.web.api.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The files of the page and of the libraries that it uses, as they are on the class path. The
 * page's own addresses are all answered with its one document, whose scripts read the address.
 */
final class PageFiles {

  private static final String PAGE = "/io/runledger/web/page/";
  private static final String INDEX = "index.html";
  private static final String UPLOT = "org.webjars.npm/uplot";

  /** Addresses of views. */
  private static final List<String> VIEWS =
      List.of(
          "/",
          "/runs",
          "/runs/{id}",
          "/compare",
          "/groups",
          "/errors",
          "/jobs",
          "/health",
          "/login");

  /** Names without dots at their beginning, so that none leads out of the directory. */
  private static final Pattern FILE =
      Pattern.compile(
          "(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_-][A-Za-z0-9_-]*(?:\\.[A-Za-z0-9_-]+)+");

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "json", "application/json",
          "webmanifest", "application/manifest+json",
          "svg", "image/svg+xml",
          "png", "image/png",
          "ico", "image/x-icon",
          "woff2", "font/woff2");

  private final String vendor;

  PageFiles() {
    vendor = "/META-INF/resources/webjars/uplot/" + Libraries.version(UPLOT) + "/dist/";
  }

  void addTo(RoutesConfig routes) {
    for (String view : VIEWS) {
      routes.get(view, context -> answer(context, PAGE, INDEX));
    }
    routes.get("/vendor/{file}", context -> answer(context, vendor, context.pathParam("file")));
    routes.get("/<file>", context -> answer(context, PAGE, context.pathParam("file")));
  }

  private static void answer(Context context, String directory, String file) throws IOException {
    URL resource =
        FILE.matcher(file).matches() ? PageFiles.class.getResource(directory + file) : null;
    String type = TYPES.get(file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    if (resource == null || type == null) {
      throw new NotFoundResponse(Problem.NOTHING);
    }
    URLConnection connection = resource.openConnection();
    try (InputStream in = connection.getInputStream()) {
      context.header("Cache-Control", "no-cache");
      context.contentType(type).result(in.readAllBytes());
    }
  }
}
