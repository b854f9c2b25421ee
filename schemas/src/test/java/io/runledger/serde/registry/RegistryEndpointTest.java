package io.runledger.serde.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class RegistryEndpointTest {

  @Test
  void userInfoIsSentAndStandsInNoMessage() {
    try (FakeRegistry registry = FakeRegistry.answering(401, error(40101))) {
      String url = "http://ann:hun%20ter@127.0.0.1:" + registry.port();
      Map<String, String> userInfo =
          Map.of(
              "basic.auth.credentials.source", "USER_INFO",
              "basic.auth.user.info", "bob:hunter2");

      RegistryUnavailableException fromUrl =
          catchThrowableOfType(RegistryUnavailableException.class, () -> client(url).schema(1));
      RegistryUnavailableException fromKey =
          catchThrowableOfType(
              RegistryUnavailableException.class, () -> client(registry.url(), userInfo).schema(1));

      assertThat(registry.requests().get(0).authorization()).isEqualTo(basic("ann:hun ter"));
      assertThat(registry.requests().get(1).authorization()).isEqualTo(basic("bob:hunter2"));
      assertThat(fromUrl).hasMessageNotContaining("hun").hasMessageContaining("401");
      assertThat(fromKey).hasMessageNotContaining("hunter2");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://u:hunter2^@h:1",
        "http://u:hunter2%zz@h:1",
        "ftp://u:hunter2@h",
        "u:hunter2@h:1",
        "http://u:hunter2@my_host:1"
      })
  void aUrlThatCannotBeUsedIsRefusedWithoutItsPassword(String url) {
    Throwable refusal = catchThrowableOfType(IllegalArgumentException.class, () -> client(url));

    assertThat(refusal).hasMessageContaining("schema.registry.url").hasNoCause();
    if (url.contains("://")) {
      assertThat(refusal).hasMessageNotContaining("hunter2");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "schema.registry.url, ','",
    "basic.auth.credentials.source, SASL_INHERIT",
    "basic.auth.credentials.source, USER_INFO",
    "http.read.timeout.ms, 0",
    "http.connect.timeout.ms, soon"
  })
  void aConfigurationThatCannotBeUsedIsRefusedWithItsKey(String key, String value) {
    assertThatThrownBy(() -> client("http://127.0.0.1:1", Map.of(key, value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(key);
  }

  private static SchemaRegistryClient client(String url) {
    return client(url, Map.of());
  }

  private static SchemaRegistryClient client(String url, Map<String, String> more) {
    Map<String, String> config = new HashMap<>(Map.of("schema.registry.url", url));
    config.putAll(more);
    return new SchemaRegistryClient(config);
  }

  private static String error(int code) {
    return "{\"error_code\":" + code + ",\"message\":\"as it is\"}";
  }

  private static Optional<String> basic(String userInfo) {
    return Optional.of(
        "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8)));
  }
}
