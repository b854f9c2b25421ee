package io.runledger.web.security;

import io.javalin.http.Context;
import java.util.Map;

/**
 * Headers that every answer has. Whatever was logged, a browser runs only scripts that are files of
 * the page, sends nothing elsewhere and shows the page in no other one.
 */
public final class SecurityHeaders {

  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
          + " connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none';"
          + " form-action 'self'";

  /** By name. */
  public static final Map<String, String> ALL =
      Map.of(
          "Content-Security-Policy", CONTENT_SECURITY_POLICY,
          "X-Content-Type-Options", "nosniff",
          "X-Frame-Options", "DENY",
          // With no-referrer, browsers would send no origin with a form either.
          "Referrer-Policy", "same-origin",
          "Cross-Origin-Opener-Policy", "same-origin",
          "Cross-Origin-Resource-Policy", "same-origin");

  private SecurityHeaders() {}

  public static void addTo(Context context) {
    ALL.forEach(context::header);
  }
}
