package io.runledger.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.check.Finding;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.serde.registry.SchemaRegistryClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStackIT {

  @TempDir private static Path shared;
  private static Optional<LocalStack> running = Optional.empty();

  @TempDir private Path dir;

  @AfterAll
  static void stop() {
    running.ifPresent(LocalStack::close);
  }

  /** One for the tests that only ask it. */
  private static LocalStack running() {
    if (running.isEmpty()) {
      running = Optional.of(LocalStack.start(shared, StackOptions.freePorts()));
    }
    return running.get();
  }

  @Test
  void aRestartKeepsPortsTopicsAndSchemaIds() {
    String brokers;
    int id;
    Instant begin = Instant.now();
    try (LocalStack stack = LocalStack.start(dir, StackOptions.freePorts())) {
      System.out.printf(
          "Local stack ready after %d ms%n", Duration.between(begin, Instant.now()).toMillis());
      brokers = stack.bootstrapServers();
      id = idOfRuns(stack);
      assertThatThrownBy(() -> LocalStack.start(dir, StackOptions.freePorts()))
          .isInstanceOf(StackInUseException.class)
          .hasMessageContaining(Long.toString(ProcessHandle.current().pid()))
          .hasMessageContaining(dir.toString());
    }
    try (LocalStack again = LocalStack.start(dir, StackOptions.freePorts())) {
      assertThat(again.bootstrapServers()).isEqualTo(brokers);
      assertThat(idOfRuns(again)).isEqualTo(id);
      TopicsInit topics = TopicsInit.of(again.configuration());
      assertThat(topics.init(4, 1, false)).isEmpty();
      assertThat(TopicsCheck.of(again.configuration()).check())
          .noneMatch(finding -> finding.severity() == Finding.Severity.FAILED);
    }
  }

  @Test
  @Tag("long")
  void portsThatAreTakenBetweenChoiceAndBindAreReplaced() {
    try (LocalStack first = LocalStack.start(dir.resolve("first"), StackOptions.freePorts())) {
      int brokerPort = Integer.parseInt(first.bootstrapServers().replaceAll(".*:", ""));
      int registryPort = URI.create(first.registryUrl()).getPort();
      Ports believingAllToBeFree = new Ports(port -> true);
      StackOptions taken =
          new StackOptions(
              brokerPort, registryPort, 4, TopicNames.DEFAULT, Optional.empty(), Optional.empty());

      try (LocalStack second =
          LocalStack.start(dir.resolve("second"), taken, believingAllToBeFree)) {
        assertThat(second.bootstrapServers()).isNotEqualTo(first.bootstrapServers());
        assertThat(second.registryUrl()).isNotEqualTo(first.registryUrl());
        second.awaitReady();
        first.awaitReady();
      }
    }
  }

  @Test
  void theRegistryAnswersUnderThisHostsNamesAndToNoForeignPage() throws Exception {
    LocalStack stack = running();
    int port = URI.create(stack.registryUrl()).getPort();
    String own = "127.0.0.1:" + port;

    assertThat(statusOf(port, "GET", "Host: " + own)).isEqualTo(200);
    assertThat(statusOf(port, "GET", "Host: localhost:" + port)).isEqualTo(200);
    assertThat(statusOf(port, "GET", "Host: evil.example")).isEqualTo(403);
    assertThat(statusOf(port, "GET", "Host: 127.0.0.1.evil.example:" + port)).isEqualTo(403);
    for (String origin :
        List.of("http://evil.example", "http://localhost:8888", "https://" + own, "null")) {
      assertThat(statusOf(port, "DELETE", "Host: " + own, "Origin: " + origin))
          .as(origin)
          .isEqualTo(403);
    }
    // What a page sends whose own name was made to lead here.
    assertThat(
            statusOf(
                port,
                "DELETE",
                "Host: evil.example:" + port,
                "Origin: http://evil.example:" + port))
        .isEqualTo(403);
    assertThat(idOfRuns(stack)).isPositive();
  }

  private static int statusOf(int port, String method, String... headers) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(30_000);
      String request =
          "%s /apis/ccompat/v7/subjects%s HTTP/1.1\r\n%s\r\nConnection: close\r\n\r\n"
              .formatted(
                  method,
                  method.equals("DELETE") ? "/" + TopicNames.DEFAULT.subject(Topics.RUNS) : "",
                  String.join("\r\n", headers));
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String status = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
      return Integer.parseInt(status.substring("HTTP/1.1 ".length()));
    }
  }

  @Test
  @Tag("long")
  void stacksThatStartAtOneMomentAllComeUp() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    List<Future<LocalStack>> starting = new ArrayList<>();
    for (String name : List.of("one", "two", "three")) {
      starting.add(
          threads.submit(() -> LocalStack.start(dir.resolve(name), StackOptions.defaults())));
    }
    threads.shutdown();

    Set<String> addresses = new HashSet<>();
    for (Future<LocalStack> each : starting) {
      try (LocalStack stack = each.get(4, TimeUnit.MINUTES)) {
        addresses.addAll(List.of(stack.bootstrapServers(), stack.registryUrl()));
        stack.awaitReady();
      }
    }

    assertThat(addresses).hasSize(6);
  }

  @Test
  void finiteRetentionAndAMissingTopicAreFoundAndADryRunChangesNothing() throws Exception {
    LocalStack stack = running();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      ConfigResource metrics =
          new ConfigResource(ConfigResource.Type.TOPIC, TopicNames.DEFAULT.name(Topics.METRICS));
      admin
          .incrementalAlterConfigs(
              Map.of(
                  metrics,
                  List.of(
                      new AlterConfigOp(
                          new ConfigEntry("retention.ms", "1000"), AlterConfigOp.OpType.SET))))
          .all()
          .get(1, TimeUnit.MINUTES);
      admin
          .deleteTopics(List.of(TopicNames.DEFAULT.name(Topics.SLURM)))
          .all()
          .get(1, TimeUnit.MINUTES);
      TopicsInit topics = TopicsInit.of(stack.configuration());

      // What the controller has taken, the broker hears of a moment later.
      Awaitility.await("the broker knows of both")
          .atMost(Duration.ofMinutes(1))
          .until(
              () ->
                  !admin.listTopics().names().get().contains(TopicNames.DEFAULT.name(Topics.SLURM))
                      && admin
                          .describeConfigs(List.of(metrics))
                          .all()
                          .get()
                          .get(metrics)
                          .get("retention.ms")
                          .value()
                          .equals("1000"));

      assertThat(topics.init(4, 1, true)).hasSize(2);

      assertThat(TopicsCheck.of(stack.configuration()).check())
          .filteredOn(finding -> finding.severity() == Finding.Severity.FAILED)
          .extracting(Finding::sentence)
          .anyMatch(s -> s.contains("runledger.metrics has retention.ms=1000"))
          .anyMatch(s -> s.contains("Topic runledger.slurm does not exist"));
      assertThat(topics.init(4, 1, false)).hasSize(2);
      assertThat(topics.init(4, 1, false)).isEmpty();
    }
  }

  @Test
  void theChildrenEndWithAParentThatIsKilled() throws Exception {
    Path log = dir.resolve("parent.log");
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-XX:-UsePerfData",
                "-Drunledger.stack.home=" + System.getProperty("runledger.stack.home"),
                "-cp",
                System.getProperty("java.class.path"),
                StackParent.class.getName(),
                dir.resolve("data").toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Awaitility.await()
        .atMost(Duration.ofSeconds(90))
        .until(() -> Files.readString(log).contains("ready"));
    List<ProcessHandle> children = parent.descendants().toList();
    assertThat(children).hasSizeGreaterThanOrEqualTo(2);

    parent.destroyForcibly().waitFor();

    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(children).noneMatch(ProcessHandle::isAlive));
  }

  private static int idOfRuns(LocalStack stack) {
    return new SchemaRegistryClient(Map.of("schema.registry.url", stack.registryUrl()))
        .idOf(TopicNames.DEFAULT.subject(Topics.RUNS), Topics.RUNS.schema());
  }
}
