package io.runledger.web.security;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpStatus;
import io.javalin.http.SameSite;
import io.javalin.http.UnauthorizedResponse;
import io.runledger.http.ServedHosts;
import io.runledger.query.format.Json;
import io.runledger.web.api.Bodies;
import io.runledger.web.api.Parameters;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Who may ask what. A request must name a host that is served here, and one that changes something
 * must not come from another site's page. Where a token is required, the files of the page are
 * still everybody's: there is nothing of the ledger in them.
 */
public final class Access {

  private static final List<String> APIS = List.of("/api/", "/ajax-api/");
  private static final String COOKIE = "runledger_token";
  private static final String BEARER = "bearer ";

  /** Of clients that know users and passwords: the password is the token, the user is anybody. */
  private static final String BASIC = "basic ";

  private static final int COOKIE_SECONDS = (int) Duration.ofDays(30).toSeconds();

  /** What is answered without a token. */
  private static final Set<String> OPEN =
      Set.of("/api/v1/login", "/api/v1/logout", "/api/v1/session", "/api/v1/openapi.json");

  /** What MLflow's clients ask with a body, and changes nothing. */
  private static final Pattern SEARCHES =
      Pattern.compile("/(?:ajax-)?api/2[.]0/mlflow/(?:runs|experiments|logged-models)/search");

  private static final Set<HandlerType> READING =
      Set.of(HandlerType.GET, HandlerType.HEAD, HandlerType.OPTIONS);

  private final ServedHosts hosts;
  private final Tokens tokens;
  private final boolean isTokenRequired;

  public Access(ServedHosts hosts, Tokens tokens, boolean isTokenRequired) {
    this.hosts = hosts;
    this.tokens = tokens;
    this.isTokenRequired = isTokenRequired;
  }

  public void addTo(RoutesConfig routes) {
    routes.before(
        context -> {
          SecurityHeaders.addTo(context);
          check(context);
        });
    routes.get("/api/v1/session", this::session);
    routes.post("/api/v1/login", this::login);
    routes.post("/api/v1/logout", this::logout);
  }

  private void check(Context context) throws IOException {
    if (!hosts.serve(context.header("Host"))) {
      throw new ForbiddenResponse(
          "This host name is not served here; add it to the setting web.allowed.hosts.");
    }
    if (APIS.stream().noneMatch(context.path()::startsWith)) {
      return;
    }
    boolean isReading =
        READING.contains(context.method()) || SEARCHES.matcher(context.path()).matches();
    if (!isFromHere(context)) {
      throw new ForbiddenResponse("Pages of other sites may not ask here.");
    }
    if (OPEN.contains(context.path())) {
      return;
    }
    Role role =
        role(context)
            .orElseThrow(
                () -> {
                  context.header("WWW-Authenticate", "Bearer");
                  return new UnauthorizedResponse(
                      "A token is needed here; 'runledger token create' makes one.");
                });
    if (!isReading && role != Role.EDITOR) {
      throw new ForbiddenResponse("This token may read, and change nothing.");
    }
  }

  /** Programs name no origin; browsers name it whenever something may change. */
  private static boolean isFromHere(Context context) {
    String site = context.header("Sec-Fetch-Site");
    if (site != null && !Set.of("same-origin", "none").contains(site)) {
      return false;
    }
    String origin = context.header("Origin");
    if (origin == null) {
      return true;
    }
    try {
      return URI.create(origin).getAuthority() != null
          && URI.create(origin).getAuthority().equalsIgnoreCase(context.header("Host"));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** What the one who asks may do; empty where a valid token is required and was not given. */
  private Optional<Role> role(Context context) throws IOException {
    Optional<String> token = token(context);
    return token.isEmpty() && !isTokenRequired
        ? Optional.of(Role.EDITOR)
        : token.isEmpty() ? Optional.empty() : tokens.role(token.get()).or(this::nobody);
  }

  /** A cookie that is left from another server must not lock its owner out. */
  private Optional<Role> nobody() {
    return isTokenRequired ? Optional.empty() : Optional.of(Role.EDITOR);
  }

  private static Optional<String> token(Context context) {
    String header = context.header("Authorization");
    if (header != null && header.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
      return Optional.of(header.substring(BEARER.length()).strip());
    }
    if (header != null && header.toLowerCase(Locale.ROOT).startsWith(BASIC)) {
      return Optional.of(password(header.substring(BASIC.length()).strip()));
    }
    return Optional.ofNullable(context.cookie(COOKIE));
  }

  /** The password of a user; a text that is no token where there is none. */
  private static String password(String credentials) {
    try {
      String text = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
      return text.substring(text.indexOf(':') + 1);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private void session(Context context) throws IOException {
    Parameters.of(context, Set.of());
    answerSession(context, role(context));
  }

  private void answerSession(Context context, Optional<Role> role) {
    ObjectNode json =
        Json.object()
            .put("token_required", isTokenRequired)
            .put("role", role.map(Role::word).orElse(null));
    context.header("Cache-Control", "no-store");
    context.contentType("application/json").result(Json.bytes(json));
  }

  private void login(Context context) throws IOException {
    Parameters.of(context, Set.of());
    String token = Bodies.json(context, Set.of("token")).path("token").asText();
    Optional<Role> role = tokens.role(token);
    if (role.isEmpty()) {
      throw new UnauthorizedResponse(
          "This is not a token of this ledger, or it was revoked; 'runledger token list' shows them.");
    }
    context.cookie(cookie(token, COOKIE_SECONDS, context));
    answerSession(context, role);
  }

  private void logout(Context context) {
    Parameters.of(context, Set.of());
    context.cookie(cookie("", 0, context));
    context.status(HttpStatus.NO_CONTENT);
  }

  private static Cookie cookie(String value, int seconds, Context context) {
    Cookie cookie = new Cookie(COOKIE, value);
    cookie.setPath("/");
    cookie.setMaxAge(seconds);
    cookie.setHttpOnly(true);
    cookie.setSecure(context.req().isSecure());
    cookie.setSameSite(SameSite.STRICT);
    return cookie;
  }
}
