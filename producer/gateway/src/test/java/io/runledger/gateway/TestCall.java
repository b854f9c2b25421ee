package io.runledger.gateway;

import io.runledger.http.Call;
import io.runledger.http.Reply;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A request without a server; of JSON, unless its header is another. */
public final class TestCall implements Call {

  private final Map<String, String> variables = new HashMap<>();
  private final Map<String, String> parameters = new HashMap<>();
  private final Map<String, String> headers =
      new HashMap<>(Map.of("Content-Type", "application/json"));
  private final byte[] body;

  private TestCall(byte[] body) {
    this.body = body;
  }

  public static TestCall of(byte[] body) {
    return new TestCall(body);
  }

  public static TestCall of(String body) {
    return of(body.getBytes(StandardCharsets.UTF_8));
  }

  public TestCall with(String parameter, String value) {
    parameters.put(parameter, value);
    return this;
  }

  public TestCall variable(String name, String value) {
    variables.put(name, value);
    return this;
  }

  public TestCall header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  public TestCall without(String name) {
    headers.remove(name);
    return this;
  }

  public static String text(Reply reply) throws IOException {
    try (InputStream content = reply.content().open()) {
      return new String(content.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public String variable(String name) {
    return variables.getOrDefault(name, "");
  }

  @Override
  public List<String> parameters(String name) {
    return Optional.ofNullable(parameters.get(name)).stream().toList();
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  @Override
  public InputStream body() {
    return new ByteArrayInputStream(body);
  }
}
