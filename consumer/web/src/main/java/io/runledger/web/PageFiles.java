package io.runledger.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.javalin.http.NotFoundResponse;
import io.runledger.web.PageAssets.Asset;
import io.runledger.web.api.Problem;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The page: one document for all of its own addresses, whose scripts read the address, and their
 * files. The document names what its view is going to ask for, so that a browser loads scripts and
 * data at the same time and not one after the other.
 */
final class PageFiles {

  private static final String APP = "app.js";
  private static final String RUNS = "runs.js";

  /** Addresses of views, and the module of each, as app.js has them. */
  private static final Map<String, String> VIEWS =
      Map.of(
          "/", RUNS,
          "/runs", RUNS,
          "/runs/{id}", "run.js",
          "/compare", "compare.js",
          "/groups", "groups.js",
          "/errors", "errors.js",
          "/jobs", "jobs.js",
          "/alerts", "alerts.js",
          "/health", "health.js",
          "/login", "login.js");

  private static final String BEFORE = "<!-- What the view asks for -->";
  private static final String API = "/api/v1/";
  private static final Pattern RUN = Pattern.compile("[0-9a-z]{1,13}");

  private final PageAssets assets = new PageAssets();

  void addTo(RoutesConfig routes) {
    VIEWS.forEach((path, module) -> routes.get(path, context -> document(context, module)));
    routes.get(PageAssets.DIRECTORY + "{version}/<file>", this::file);
    routes.error(HttpStatus.NOT_FOUND.getCode(), "text/html", this::nothing);
  }

  /** A person who mistyped an address gets the page, which says so and leads on. */
  private void nothing(Context context) {
    String path = context.path();
    if (!path.startsWith(API) && !path.startsWith(PageAssets.DIRECTORY)) {
      document(context, APP);
    }
  }

  private void document(Context context, String module) {
    Set<String> modules = new LinkedHashSet<>(assets.withImports(APP));
    modules.addAll(assets.withImports(module));
    String data =
        data(context, module).stream()
            .map(
                path ->
                    "<link rel=\"preload\" as=\"fetch\" crossorigin=\"anonymous\" href=\"%s%s\">%n"
                        .formatted(API, path.replace("&", "&amp;")))
            .collect(Collectors.joining());
    String scripts =
        modules.stream()
            .map(
                name ->
                    "<link rel=\"modulepreload\" href=\"%s\">%n".formatted(assets.address(name)))
            .collect(Collectors.joining());
    context.header("Cache-Control", "no-cache");
    context.contentType("text/html; charset=utf-8");
    context.result(assets.document().replace(BEFORE, data + scripts));
  }

  /** What the view will ask the API for, as long as the address alone says it. */
  private static List<String> data(Context context, String module) {
    Set<String> parameters = context.queryParamMap().keySet();
    if (module.equals(RUNS) && !parameters.contains("columns")) {
      return List.of("names?kind=metric&limit=1000", "names?kind=config&limit=1000");
    }
    if (module.equals("run.js") && RUN.matcher(context.pathParam("id")).matches()) {
      return List.of("runs/" + context.pathParam("id"));
    }
    List<String> runs = context.queryParams("run");
    if (module.equals("compare.js")
        && !runs.isEmpty()
        && runs.stream().allMatch(run -> RUN.matcher(run).matches())) {
      return List.of(
          "compare?" + runs.stream().map(run -> "run=" + run).collect(Collectors.joining("&")));
    }
    return List.of();
  }

  private void file(Context context) {
    Asset asset =
        assets
            .find(context.pathParam("file"))
            .orElseThrow(() -> new NotFoundResponse(Problem.NOTHING));
    boolean isForGood = assets.isCurrent(context.pathParam("version"));
    context.header("Cache-Control", isForGood ? "public, max-age=31536000, immutable" : "no-cache");
    context.header("Vary", "Accept-Encoding");
    context.contentType(asset.type);
    String accepted = context.header("Accept-Encoding");
    if (accepted != null && accepted.contains("gzip")) {
      context.disableCompression();
      context.header("Content-Encoding", "gzip");
      context.result(asset.compressed);
    } else {
      context.result(asset.bytes);
    }
  }
}
