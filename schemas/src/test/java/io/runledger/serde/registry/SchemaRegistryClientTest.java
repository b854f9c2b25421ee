package io.runledger.serde.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class SchemaRegistryClientTest {

  private static final Schema SCHEMA = Topics.ERRORS.schema();
  private static final String SUBJECT = TopicNames.DEFAULT.subject(Topics.ERRORS);

  @Test
  void anIdIsLookedUpOnceByPostingTheSchemaToTheSubject() {
    try (FakeRegistry registry = FakeRegistry.answering(200, "{\"id\":7,\"version\":1}")) {
      SchemaRegistryClient client = client(registry.url());

      assertThat(client.idOf(SUBJECT, SCHEMA)).isEqualTo(7);
      assertThat(client.idOf(SUBJECT, SCHEMA)).isEqualTo(7);

      assertThat(registry.requests()).hasSize(1);
      FakeRegistry.Request request = registry.requests().get(0);
      assertThat(request.method()).isEqualTo("POST");
      assertThat(request.rawPath()).isEqualTo("/subjects/runledger.errors-value");
      assertThat(request.body()).startsWith("{\"schema\":\"{\\\"type\\\":\\\"record\\\"");
    }
  }

  @Test
  void registeringPostsToTheVersionsOfTheSubject() {
    try (FakeRegistry registry = FakeRegistry.answering(200, "{\"id\":8}")) {
      assertThat(client(registry.url()).register(SUBJECT, SCHEMA)).isEqualTo(8);

      assertThat(registry.requests().get(0).rawPath())
          .isEqualTo("/subjects/runledger.errors-value/versions");
    }
  }

  @Test
  void aSchemaIsFetchedOnceByItsId() {
    try (FakeRegistry registry = FakeRegistry.answering(200, schemaAnswer(SCHEMA.toString()))) {
      SchemaRegistryClient client = client(registry.url());

      assertThat(client.schema(3)).isEqualTo(SCHEMA);
      assertThat(client.schema(3)).isEqualTo(SCHEMA);

      assertThat(registry.requests())
          .singleElement()
          .extracting(FakeRegistry.Request::rawPath)
          .isEqualTo("/schemas/ids/3");
    }
  }

  @Test
  void aSubjectIsPercentEncodedInThePath() {
    try (FakeRegistry registry = FakeRegistry.answering(200, "{\"id\":1}")) {
      client(registry.url()).idOf("a b/c+ü?#-value", SCHEMA);

      assertThat(registry.requests().get(0).rawPath())
          .isEqualTo("/subjects/a%20b%2Fc%2B%C3%BC%3F%23-value");
    }
  }

  @Test
  void theUrlMayHaveAPathAsApicuriosHas() {
    try (FakeRegistry registry = FakeRegistry.answering(200, "{\"id\":1}")) {
      client(registry.url() + "/apis/ccompat/v7/").idOf(SUBJECT, SCHEMA);

      assertThat(registry.requests().get(0).rawPath())
          .isEqualTo("/apis/ccompat/v7/subjects/runledger.errors-value");
    }
  }

  @Test
  void compatibilityIsAskedAndSet() {
    try (FakeRegistry registry = FakeRegistry.answering(200, "{\"is_compatible\":false}")) {
      SchemaRegistryClient client = client(registry.url());

      assertThat(client.isCompatible(SUBJECT, SCHEMA)).isFalse();
      client.setCompatibility(SUBJECT, "BACKWARD_TRANSITIVE");

      FakeRegistry.Request set = registry.requests().get(1);
      assertThat(set.method()).isEqualTo("PUT");
      assertThat(set.rawPath()).isEqualTo("/config/runledger.errors-value");
      assertThat(set.body()).isEqualTo("{\"compatibility\":\"BACKWARD_TRANSITIVE\"}");
    }
  }

  @Test
  void aSubjectWithoutVersionsTakesAnySchema() {
    try (FakeRegistry registry = FakeRegistry.answering(404, error(40401))) {
      assertThat(client(registry.url()).isCompatible(SUBJECT, SCHEMA)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {40401, 40402, 40403})
  void notFoundInTheProtocolsOwnWordsIsNotFound(int code) {
    try (FakeRegistry registry = FakeRegistry.answering(404, error(code))) {
      assertThatThrownBy(() -> client(registry.url()).schema(9))
          .isInstanceOf(SchemaNotFoundException.class)
          .hasMessageContaining("GET " + registry.url() + "/schemas/ids/9")
          .hasMessageContaining(Integer.toString(code));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          404 | {"message":"no such page"}
          404 | {"error_code":404,"message":"HTTP 404 Not Found"}
          404 | {"error_code":"40403","message":"a text is no code"}
          404 | <html><body>nginx</body></html>
          404 | ''
          404 | null
          200 | <html><body>log in</body></html>
          200 | ''
          200 | {}
          200 | []
          302 | {"message":"elsewhere"}
          401 | {"error_code":40101,"message":"who are you"}
          403 | <html></html>
          500 | {"error_code":50001,"message":"backend"}
          500 | {"error_code":40403,"message":"a broken proxy"}
          503 | ''
          """)
  void anyOtherAnswerIsAnOutage(int status, String body) {
    try (FakeRegistry registry = FakeRegistry.answering(status, body)) {
      SchemaRegistryClient client = client(registry.url());

      assertThatThrownBy(() -> client.schema(9)).isInstanceOf(RegistryUnavailableException.class);
      assertThatThrownBy(() -> client.idOf(SUBJECT, SCHEMA))
          .isInstanceOf(RegistryUnavailableException.class);
    }
  }

  @Test
  void anOutageIsNotRemembered() {
    boolean[] up = {false};
    FakeRegistry.Answer answer =
        exchange ->
            FakeRegistry.send(
                exchange, up[0] ? 200 : 503, up[0] ? schemaAnswer(SCHEMA.toString()) : "");
    try (FakeRegistry registry = new FakeRegistry(answer)) {
      SchemaRegistryClient client = client(registry.url());
      assertThatThrownBy(() -> client.schema(1)).isInstanceOf(RegistryUnavailableException.class);

      up[0] = true;

      assertThat(client.schema(1)).isEqualTo(SCHEMA);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRegistryThatHangsIsAnOutageAfterTheTimeout(boolean headersFirst) {
    try (FakeRegistry registry =
        headersFirst ? FakeRegistry.hangingInTheBody() : FakeRegistry.hanging()) {
      SchemaRegistryClient client = client(registry.url(), Map.of("http.read.timeout.ms", "300"));
      long start = System.nanoTime();

      assertThatThrownBy(() -> client.schema(1))
          .isInstanceOf(RegistryUnavailableException.class)
          .hasMessageContaining("did not answer")
          .hasMessageContaining("300 ms");

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void aRefusedConnectionIsAnOutage() throws IOException {
    // Bound, so that nobody else gets the port, and nobody listens.
    try (Socket nobody = new Socket()) {
      nobody.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

      assertThatThrownBy(() -> client("http://127.0.0.1:" + nobody.getLocalPort()).schema(1))
          .isInstanceOf(RegistryUnavailableException.class)
          .hasMessageContaining("cannot be reached");
    }
  }

  @Test
  void severalUrlsAreTriedInTurnAndTheOneThatAnsweredIsAskedFirstNextTime() {
    try (FakeRegistry broken = FakeRegistry.answering(500, "");
        FakeRegistry good = FakeRegistry.answering(200, "{\"id\":5}")) {
      SchemaRegistryClient client = client(broken.url() + " , " + good.url());

      assertThat(client.idOf("one", SCHEMA)).isEqualTo(5);
      assertThat(client.idOf("two", SCHEMA)).isEqualTo(5);

      assertThat(broken.requests()).hasSize(1);
      assertThat(good.requests()).hasSize(2);
    }
  }

  @Test
  void notFoundIsAnAnswerSoNoOtherUrlIsAsked() {
    try (FakeRegistry first = FakeRegistry.answering(404, error(40403));
        FakeRegistry second = FakeRegistry.answering(200, schemaAnswer(SCHEMA.toString()))) {
      SchemaRegistryClient client = client(first.url() + "," + second.url());

      assertThatThrownBy(() -> client.schema(1)).isInstanceOf(SchemaNotFoundException.class);

      assertThat(second.requests()).isEmpty();
    }
  }

  @Test
  void whenAllUrlsFailTheEarlierFailuresAreKept() {
    try (FakeRegistry one = FakeRegistry.answering(500, "");
        FakeRegistry two = FakeRegistry.answering(502, "")) {
      SchemaRegistryClient client = client(one.url() + "," + two.url());

      RegistryUnavailableException failure =
          catchThrowableOfType(RegistryUnavailableException.class, () -> client.schema(1));

      assertThat(failure).hasMessageContaining("502");
      assertThat(failure.getSuppressed()).hasSize(1);
      assertThat(failure.getSuppressed()[0]).hasMessageContaining("500");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "\"no.such.Type\"", "{\"type\":\"record\"}"})
  void anIdThatStandsForNoAvroSchemaStaysSo(String schema) {
    try (FakeRegistry registry = FakeRegistry.answering(200, schemaAnswer(schema))) {
      assertThatThrownBy(() -> client(registry.url()).schema(4))
          .isInstanceOf(SchemaNotFoundException.class)
          .hasMessageContaining("Schema 4");
    }
  }

  @Test
  void aSchemaNestedBeyondReasonIsRefused() {
    String schema = "{\"type\":\"array\",\"items\":".repeat(100_000) + "1" + "}".repeat(100_000);
    try (FakeRegistry registry = FakeRegistry.answering(200, schemaAnswer(schema))) {
      assertThatThrownBy(() -> client(registry.url()).schema(4))
          .isInstanceOf(SchemaNotFoundException.class);
    }
  }

  @Test
  void aSchemaOfAnotherLanguageIsNoSchemaOfOurs() {
    String answer = "{\"schemaType\":\"PROTOBUF\",\"schema\":\"syntax = 3;\"}";
    try (FakeRegistry registry = FakeRegistry.answering(200, answer)) {
      assertThatThrownBy(() -> client(registry.url()).schema(4))
          .isInstanceOf(SchemaNotFoundException.class)
          .hasMessageContaining("PROTOBUF");
    }
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

  private static String schemaAnswer(String schema) {
    return JsonNodeFactory.instance.objectNode().put("schema", schema).toString();
  }
}
