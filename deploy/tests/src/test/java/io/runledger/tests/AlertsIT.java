package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.runledger.contract.Events;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rules of alerts in a real service that dies, and a real receiver that fails. */
@Timeout(300)
class AlertsIT {

  private static final Duration SOON = Duration.ofMinutes(2);
  private static final String KEY = "0123456789abcdef0123456789abcdef";
  private static final int RUNS = 12;

  /** A kill in the middle of a batch, before and after a commit, and after a delivery. */
  private static final List<String> KILLS =
      List.of("mid-batch@20", "before-commit@2", "committed@4", "committed@9");

  @TempDir private Path dir;
  private final List<JsonNode> received = new CopyOnWriteArrayList<>();
  private final AtomicInteger requests = new AtomicInteger();
  private HttpServer receiver;
  private TestLedger ledger;
  private RawProducer producer;
  private Map<String, String> settings;

  @BeforeEach
  void beginLedgerAndReceiver() throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext("/", this::take);
    receiver.start();
    ledger = TestLedger.shared(dir);
    producer = new RawProducer(ledger.configuration());
    Path key = Files.writeString(dir.resolve("hook.key"), KEY + "\n");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    Path rules =
        Files.writeString(
            dir.resolve("alerts.rules"),
            """
            alert failed: status becomes failed
            alert diverged: metric loss is nan for 2 points
            deliver to http://127.0.0.1:%d/ signed with hook.key
            """
                .formatted(receiver.getAddress().getPort()));
    settings =
        Map.of(
            "RUNLEDGER_ALERTS_FILE",
            rules.toString(),
            // The events of these tests are of another day.
            "RUNLEDGER_ALERTS_MAX_AGE_SECONDS",
            "2000000000");
  }

  @AfterEach
  void end() {
    producer.close();
    receiver.stop(0);
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      boolean isOurs = signature(exchange, body);
      // Every fifth one fails, and comes again.
      boolean fails = requests.incrementAndGet() % 5 == 0;
      if (isOurs && !fails) {
        received.add(new ObjectMapper().readTree(body));
      }
      exchange.sendResponseHeaders(!isOurs ? 401 : fails ? 500 : 204, -1);
    }
  }

  private static boolean signature(HttpExchange exchange, byte[] body) {
    String header = exchange.getRequestHeaders().getFirst("Runledger-Signature");
    String time = header.substring(2, header.indexOf(','));
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(KEY.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
      mac.update((time + ".").getBytes(StandardCharsets.US_ASCII));
      return header.endsWith(",v1=" + HexFormat.of().formatHex(mac.doFinal(body)));
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static TrainingHistory.Message message(Events job, RunEvent event) {
    return new TrainingHistory.Message(Topics.RUNS, job.run(), event);
  }

  private static TrainingHistory.Message message(Events job, MetricsLogged metrics) {
    return new TrainingHistory.Message(Topics.METRICS, job.run(), metrics);
  }

  /** The events of the runs in the parts in which they are sent, one after the other. */
  private static List<List<TrainingHistory.Message>> parts() {
    List<List<TrainingHistory.Message>> parts = new ArrayList<>();
    List<Events> jobs = new ArrayList<>();
    for (int seed = 0; seed < RUNS; seed++) {
      jobs.add(Events.ofSeed(seed));
    }
    for (int part = 0; part < 4; part++) {
      List<TrainingHistory.Message> messages = new ArrayList<>();
      for (Events job : jobs) {
        if (part == 0) {
          messages.add(message(job, job.started()));
        }
        for (int step = 10 * part; step < 10 * part + 10; step++) {
          // Two streaks, of which one goes through the end of a part.
          boolean diverges = (step >= 8 && step < 12) || step == 25 || step == 26;
          messages.add(message(job, job.metric("loss", step, diverges ? Double.NaN : 0.5)));
        }
        if (part == 3) {
          messages.add(message(job, job.status(RunStatus.FAILED, StatusSource.JOB, 1)));
        }
      }
      parts.add(messages);
    }
    return parts;
  }

  @Test
  void eachCauseFiresOnceHoweverOftenTheServiceDiesAndWhateverIsRebuilt() throws Exception {
    List<List<TrainingHistory.Message>> parts = parts();
    for (int part = 0; part < parts.size(); part++) {
      producer.send(parts.get(part));
      // What came before comes again.
      producer.send(parts.get(part));
      try (ServiceProcess service = service(KILLS.get(part))) {
        service.awaitDeath(Duration.ofSeconds(20));
      }
    }
    try (ServiceProcess service = ServiceProcess.start(dir, ledger, settings)) {
      service.awaitCaughtUp();
      awaitDelivered();

      Distribution.Result rebuilt = run("rebuild");
      assertThat(rebuilt.code()).as(rebuilt.toString()).isZero();
      producer.send(parts.get(3));
      service.awaitCaughtUp();
      awaitDelivered();
      assertThat(service.output()).doesNotContain("could not be evaluated");
    }

    assertThat(Ledgers.count(ledger.database(), "alert_firings")).isEqualTo(3 * RUNS);
    Set<String> ids = new HashSet<>();
    received.forEach(message -> ids.add(message.get("id").asText()));
    assertThat(ids).hasSize(3 * RUNS);
    assertThat(received)
        .as("a death repeats at most what was on its way")
        .hasSizeLessThanOrEqualTo(3 * RUNS + KILLS.size());
    assertThat(run("verify").code()).isZero();
    assertThat(run("alerts", "list", "--json").out()).contains("\"delivered\"");
  }

  private ServiceProcess service(String point) throws IOException {
    Map<String, String> more = new HashMap<>(settings);
    more.put("RUNLEDGER_JAVA_OPTS", "-Drunledger.fail=" + point + ":kill");
    return ServiceProcess.start(dir, ledger, more);
  }

  private void awaitDelivered() {
    await("all alerts are delivered")
        .atMost(SOON)
        .until(
            () ->
                Ledgers.count(ledger.database(), "alert_deliveries WHERE state = 'delivered'")
                    == 3 * RUNS);
  }

  private Distribution.Result run(String... words) throws IOException, InterruptedException {
    return new Distribution(dir).run(ledger.environment(), words);
  }

  @Test
  void aFileWithAMistakeEndsTheServiceAtItsStart() throws Exception {
    Path bad = Files.writeString(dir.resolve("bad.rules"), "alert a: status becomes dead\n");

    Map<String, String> environment = ledger.environment();
    environment.put("RUNLEDGER_ALERTS_FILE", bad.toString());
    Distribution.Result refused = new Distribution(dir).run(environment, "consume");

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains(bad + ":1:25: 'dead' is not a status");
    assertThat(ledger.database()).doesNotExist();
  }
}
