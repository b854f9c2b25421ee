package io.runledger.serde.registry;

import io.runledger.config.Secrets;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One URL of a registry, and how to authenticate there.
 *
 * @param base the URL without user info and without a slash at its end: it may be shown
 * @param authorization value of the header: never shown
 */
record RegistryEndpoint(String base, Optional<String> authorization) {

  private static final String URLS = "schema.registry.url";
  private static final String CREDENTIALS_SOURCE = "basic.auth.credentials.source";
  private static final String USER_INFO = "basic.auth.user.info";

  /** All URLs of the configuration, in its order. */
  static List<RegistryEndpoint> all(Map<String, ?> config) {
    List<String> urls =
        Arrays.stream(text(config, URLS).orElse("").split(","))
            .map(String::strip)
            .filter(url -> !url.isEmpty())
            .toList();
    if (urls.isEmpty()) {
      throw new IllegalArgumentException(
          URLS + " is not set; give the registry's URL, such as http://127.0.0.1:8081.");
    }
    Optional<String> configured = configuredUserInfo(config);
    return urls.stream().map(url -> of(url, configured)).toList();
  }

  private static Optional<String> configuredUserInfo(Map<String, ?> config) {
    Optional<String> userInfo = text(config, USER_INFO);
    Optional<String> source = text(config, CREDENTIALS_SOURCE);
    if (source.isEmpty()) {
      // Confluent's default is URL; who gives user info and no source can only mean it to be used.
      return userInfo;
    }
    return switch (source.get()) {
      case "USER_INFO" -> {
        if (userInfo.isEmpty()) {
          throw new IllegalArgumentException(
              CREDENTIALS_SOURCE + " is USER_INFO, but " + USER_INFO + " is not set.");
        }
        yield userInfo;
      }
      case "URL" -> Optional.empty();
      default ->
          throw new IllegalArgumentException(
              CREDENTIALS_SOURCE + " must be USER_INFO or URL, not '" + source.get() + "'.");
    };
  }

  private static RegistryEndpoint of(String url, Optional<String> configuredUserInfo) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      // Neither its message nor its cause may be passed on: both hold the URL with its password.
      throw unusable(url, "is not a URL: " + e.getReason() + "; percent-encode the password");
    }
    if (uri.getHost() == null || uri.getScheme() == null || !uri.getScheme().matches("https?")) {
      throw unusable(url, "is not an http or https URL with a host");
    }
    String base =
        url.replaceFirst("://[^/@]*@", "://").replaceFirst("[?#].*$", "").replaceFirst("/+$", "");
    return new RegistryEndpoint(
        base,
        Optional.ofNullable(uri.getUserInfo())
            .or(() -> configuredUserInfo)
            .map(RegistryEndpoint::basic));
  }

  boolean isEncrypted() {
    return base.startsWith("https:");
  }

  private static IllegalArgumentException unusable(String url, String complaint) {
    return new IllegalArgumentException(
        URLS + " holds '" + Secrets.prose(url) + "', which " + complaint + ".");
  }

  private static String basic(String userInfo) {
    return "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
  }

  private static Optional<String> text(Map<String, ?> config, String key) {
    return Optional.ofNullable(config.get(key)).map(Object::toString);
  }

  /** The URL alone, so that no log line gets the password. */
  @Override
  public String toString() {
    return base;
  }
}
