package io.runledger.serde;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.config.Secrets;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Requests to a registry: its URLs are tried in turn, its own "not found" is told from an outage.
 */
final class RegistryHttp {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";

  /** Subject, version and schema not found, as the protocol numbers them. */
  private static final List<Integer> NOT_FOUND = List.of(40401, 40402, 40403);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT_TIMEOUT)
          .version(HttpClient.Version.HTTP_1_1)
          .build();
  private final List<Endpoint> endpoints;

  private record Endpoint(String base, Optional<String> authorization) {}

  private RegistryHttp(List<Endpoint> endpoints) {
    this.endpoints = endpoints;
  }

  static RegistryHttp of(Map<String, ?> config) {
    String urls =
        Optional.ofNullable(config.get("schema.registry.url")).map(Object::toString).orElse("");
    if (urls.isBlank()) {
      throw new IllegalArgumentException(
          "schema.registry.url is not set; give the registry's URL, such as http://127.0.0.1:8081.");
    }
    Optional<String> userInfo =
        Optional.ofNullable(config.get("basic.auth.user.info")).map(Object::toString);
    return new RegistryHttp(
        Arrays.stream(urls.split(","))
            .map(String::strip)
            .map(url -> endpoint(url, userInfo))
            .toList());
  }

  private static Endpoint endpoint(String url, Optional<String> configuredUserInfo) {
    URI uri = URI.create(url);
    Optional<String> userInfo = Optional.ofNullable(uri.getUserInfo()).or(() -> configuredUserInfo);
    String base = url.replaceFirst("://[^/@]*@", "://").replaceFirst("/+$", "");
    return new Endpoint(
        base,
        userInfo.map(
            info ->
                "Basic "
                    + Base64.getEncoder().encodeToString(info.getBytes(StandardCharsets.UTF_8))));
  }

  JsonNode get(String path) {
    return send("GET", path, Optional.empty());
  }

  JsonNode post(String path, String body) {
    return send("POST", path, Optional.of(body));
  }

  JsonNode put(String path, String body) {
    return send("PUT", path, Optional.of(body));
  }

  private JsonNode send(String method, String path, Optional<String> body) {
    RegistryUnavailableException last = null;
    for (Endpoint endpoint : endpoints) {
      try {
        return send(endpoint, method, path, body);
      } catch (RegistryUnavailableException e) {
        if (last != null) {
          e.addSuppressed(last);
        }
        last = e;
      }
    }
    throw last;
  }

  private JsonNode send(Endpoint endpoint, String method, String path, Optional<String> body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(endpoint.base() + path))
            .timeout(REQUEST_TIMEOUT)
            .header("Accept", MEDIA_TYPE + ", application/json")
            .header("Content-Type", MEDIA_TYPE)
            .method(method, body.map(BodyPublishers::ofString).orElseGet(BodyPublishers::noBody));
    endpoint.authorization().ifPresent(value -> request.header("Authorization", value));
    String asked = method + " " + Secrets.maskedUrl(endpoint.base()) + path;
    try {
      return answer(asked, client.send(request.build(), BodyHandlers.ofString()));
    } catch (IOException e) {
      throw new RegistryUnavailableException(
          "The schema registry cannot be reached (" + asked + "): " + e + ".", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryUnavailableException("Interrupted while asking " + asked + ".", e);
    }
  }

  private static JsonNode answer(String asked, HttpResponse<String> response) {
    JsonNode json = parsed(asked, response);
    int status = response.statusCode();
    if (status == 200) {
      return json;
    }
    int errorCode = json.path("error_code").asInt(0);
    String message = json.path("message").asText("no message");
    if (status == 404 && NOT_FOUND.contains(errorCode)) {
      throw new SchemaNotFoundException(
          "The schema registry has no such schema (%s): %d %s"
              .formatted(asked, errorCode, message));
    }
    throw new RegistryUnavailableException(
        "The schema registry refused %s: HTTP %d, error %d, %s"
            .formatted(asked, status, errorCode, message),
        null);
  }

  private static JsonNode parsed(String asked, HttpResponse<String> response) {
    try {
      JsonNode json = JSON.readTree(response.body());
      if (json != null && !json.isMissingNode()) {
        return json;
      }
      throw new RegistryUnavailableException(
          "The schema registry answered %s with HTTP %d and nothing else."
              .formatted(asked, response.statusCode()),
          null);
    } catch (JsonProcessingException e) {
      throw new RegistryUnavailableException(
          "The schema registry answered %s with HTTP %d and no JSON; is %s right?"
              .formatted(asked, response.statusCode(), "schema.registry.url"),
          e);
    }
  }
}
