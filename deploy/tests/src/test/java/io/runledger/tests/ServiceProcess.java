package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.DatabaseLocation;
import io.runledger.stack.LocalStack;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** {@code runledger consume} as a process that can be killed, on the database of a stack. */
final class ServiceProcess implements AutoCloseable {

  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private static final Pattern HEALTH = Pattern.compile("Health: (http://\\S+)");
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final TestLedger ledger;
  private final DatabaseLocation database;
  private final Path output;
  private final Process process;

  private ServiceProcess(
      TestLedger ledger, DatabaseLocation database, Path output, Process process) {
    this.ledger = ledger;
    this.database = database;
    this.output = output;
    this.process = process;
  }

  static ServiceProcess start(Path scratch, LocalStack stack) throws IOException {
    return start(scratch, TestLedger.of(stack), Map.of());
  }

  /** With more settings in its environment. */
  static ServiceProcess start(Path scratch, LocalStack stack, Map<String, String> more)
      throws IOException {
    return start(scratch, TestLedger.of(stack), more);
  }

  static ServiceProcess start(Path scratch, TestLedger ledger) throws IOException {
    return start(scratch, ledger, Map.of());
  }

  /** With more settings in its environment. */
  static ServiceProcess start(Path scratch, TestLedger ledger, Map<String, String> more)
      throws IOException {
    Path output = scratch.resolve("consume-" + System.nanoTime() + ".log");
    Map<String, String> environment = ledger.environment();
    environment.put("RUNLEDGER_HEALTH_PORT", "0");
    // A broker that came back with an older disk waits this long for a member that is gone.
    environment.put("RUNLEDGER_KAFKA_SESSION_TIMEOUT_MS", "6000");
    environment.putAll(more);
    DatabaseLocation database =
        more.containsKey("RUNLEDGER_DB")
            ? new DatabaseLocation.File(Path.of(more.get("RUNLEDGER_DB")))
            : ledger.location();
    return new ServiceProcess(
        ledger, database, output, new Distribution(scratch).start(output, environment, "consume"));
  }

  TestLedger ledger() {
    return ledger;
  }

  /** Its database, which is a file. */
  Path database() {
    return ((DatabaseLocation.File) database).path();
  }

  /** Its database, whatever the store. */
  DatabaseLocation location() {
    return database;
  }

  void awaitRunning() {
    awaitState("running");
  }

  /** Waits until its health says that it is in this state. */
  void awaitState(String state) {
    Awaitility.await("the service is " + state)
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              assertThat(process.isAlive()).as(Distribution.text(output)).isTrue();
              return hasState(state);
            });
  }

  private boolean hasState(String state) throws InterruptedException {
    return health().filter(answer -> answer.body().contains('"' + state + '"')).isPresent();
  }

  /** What {@code /health} answers; empty while nobody listens there. */
  Optional<HttpResponse<String>> health() throws InterruptedException {
    // It takes any free port, and reports which.
    Matcher address = HEALTH.matcher(output());
    if (!address.find()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          HTTP.send(
              HttpRequest.newBuilder(URI.create(address.group(1)))
                  .timeout(Duration.ofSeconds(30))
                  .build(),
              HttpResponse.BodyHandlers.ofString()));
    } catch (IOException nobodyListens) {
      return Optional.empty();
    }
  }

  /** Waits until {@code /health} answers with this status; the answer. */
  HttpResponse<String> awaitHealth(int status) {
    return Awaitility.await("the health answers " + status)
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              assertThat(process.isAlive()).as(Distribution.text(output)).isTrue();
              return health().filter(answer -> answer.statusCode() == status);
            },
            Optional::isPresent)
        .orElseThrow();
  }

  /** Waits until every record that is on the topics now is applied. */
  void awaitCaughtUp() {
    awaitRunning();
    Awaitility.await("the service has caught up")
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(
            () -> {
              assertThat(process.isAlive()).as(Distribution.text(output)).isTrue();
              assertThat(LedgerSql.positions(database)).isEqualTo(ledger.ends());
            });
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until it reads or has ended; whether it reads. */
  boolean keepsRunning() {
    Awaitility.await("the service runs or leaves")
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> !process.isAlive() || hasState("running"));
    return process.isAlive();
  }

  /** Sends it a signal, such as STOP. */
  void signal(String name) throws IOException, InterruptedException {
    int code =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    assertThat(code).isZero();
  }

  /** SIGSTOP; returns when none of its threads runs any more. */
  void stop() throws IOException, InterruptedException {
    signal("STOP");
    Awaitility.await("the threads of the service stand still")
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(20))
        // A thread may end between the list and the look at it.
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(this::standsStill);
  }

  private boolean standsStill() throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/%d/task".formatted(process.pid())))) {
      for (Path thread : threads.toList()) {
        String line = Files.readString(thread.resolve("stat"));
        // The name in parentheses may hold anything, blanks and parentheses too.
        if (line.charAt(line.lastIndexOf(')') + 2) != 'T') {
          return false;
        }
      }
    }
    return true;
  }

  /** Waits until it has died of what it was started with; kills it when it has not by then. */
  void awaitDeath(Duration atMost) throws InterruptedException {
    if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  /** What it has written so far. */
  String output() {
    return Distribution.text(output);
  }

  /** Waits until it has ended by itself. */
  int awaitEnd() throws InterruptedException {
    assertThat(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).as(output()).isTrue();
    return process.exitValue();
  }

  /** SIGTERM; its exit code. */
  int terminate() throws InterruptedException {
    process.destroy();
    return awaitEnd();
  }

  /** SIGKILL, some time from now. */
  void killAfterMillis(int millis) throws InterruptedException {
    if (!process.waitFor(millis, TimeUnit.MILLISECONDS)) {
      process.destroyForcibly().waitFor();
    }
    assertThat(process.exitValue()).as(Distribution.text(output)).isEqualTo(128 + 9);
  }

  /** Ends it with SIGTERM, if it still runs. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
