package io.runledger.client.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.runledger.client.sender.RunningSender;
import io.runledger.config.Configuration;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.spool.FollowedSpool;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A spool that is sent to a server while jobs append to it, whatever the server does. */
@Timeout(60)
class SpoolUploaderTest {

  private static final String LINE = "{\"at\":1763917445,\"start\":{\"experiment\":\"7\"}}\n";
  private static final String MORE = "{\"at\":1763917446,\"metrics\":{\"loss\":0.5}}\n";
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir private Path spool;
  private HttpServer server;
  private int port;
  private volatile int status = 200;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private Optional<SpoolWriter> own = Optional.empty();
  private Optional<RunningSender> running = Optional.empty();

  @BeforeEach
  void start() throws IOException {
    serve(0);
  }

  private void serve(int wanted) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 0);
    server.createContext("/", this::answer);
    server.start();
    port = server.getAddress().getPort();
  }

  @AfterEach
  void stop() throws IOException {
    running.ifPresent(RunningSender::close);
    server.stop(0);
    if (own.isPresent()) {
      own.get().close();
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body =
        new String(
            new GZIPInputStream(exchange.getRequestBody()).readAllBytes(),
            StandardCharsets.ISO_8859_1);
    if (status == 200) {
      String query = exchange.getRequestURI().getQuery();
      requests.add(query + " " + (body.startsWith("Obj") ? "segment" : body));
    }
    byte[] answer = "{\"bytes\":5,\"lines\":1}".getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private RunningSender sending() {
    RunningSender sender =
        new Destination.Server(URI.create("http://127.0.0.1:" + port), Optional.of("secret"))
            .startInJob(
                spool,
                Configuration.load(Map.of(), Map.of("HOME", spool.toString()), Optional.empty()),
                directory -> own.filter(writer -> writer.directory().equals(directory)));
    running = Optional.of(sender);
    return sender;
  }

  private SpoolWriter writer() throws IOException {
    SpoolWriter writer = SpoolWriter.create(spool, 77, 1 << 20, 1 << 30, 1 << 20);
    own = Optional.of(writer);
    return writer;
  }

  private static void append(SpoolWriter writer) throws IOException {
    writer.append(
        Topics.RUNS, seq -> new Envelope(5, 6, 77, seq, Instant.EPOCH).runEvent(new Heartbeat(30)));
  }

  @Test
  void whatIsAppendedMeanwhileIsSentAsWell() throws IOException {
    Path lines = Files.writeString(spool.resolve("a.jsonl"), LINE);
    SpoolWriter writer = writer();
    append(writer);
    RunningSender sender = sending();
    assertThat(sender.awaitIdle(LONG)).isTrue();

    Files.writeString(lines, MORE, StandardOpenOption.APPEND);
    append(writer);
    assertThat(sender.awaitIdle(LONG)).isTrue();
    writer.close();
    assertThat(sender.awaitIdle(LONG)).isTrue();

    String name = writer.directory().getFileName().toString();
    assertThat(requests)
        .containsExactly(
            "file=" + name + "/runs-000001.avro segment",
            "file=a.jsonl " + LINE,
            "file=" + name + "/runs-000002.avro segment",
            "file=a.jsonl&position=" + LINE.length() + " " + MORE);
    assertThat(writer.directory()).doesNotExist();
    assertThat(sender.sentEvents()).isEqualTo(4);
    assertThat(sender.trouble()).isEmpty();
  }

  @Test
  void whileTheServerIsAwayNothingIsLostAndSegmentsAreNotCutSmall() throws IOException {
    server.stop(0);
    SpoolWriter writer = writer();
    append(writer);
    RunningSender sender = sending();
    assertThat(sender.awaitIdle(Duration.ofMillis(500))).isFalse();
    assertThat(sender.trouble().orElseThrow()).contains("Events are waiting in " + spool);
    for (int i = 0; i < 5; i++) {
      append(writer);
      sender.wakeUp();
      assertThat(sender.awaitIdle(Duration.ofMillis(300))).isFalse();
    }
    assertThat(SpoolDirectory.segments(writer.directory(), Topics.RUNS)).hasSize(2);

    serve(port);

    assertThat(sender.awaitIdle(LONG)).isTrue();
    assertThat(sender.trouble()).isEmpty();
    writer.close();
    assertThat(sender.awaitIdle(LONG)).isTrue();
    assertThat(requests).hasSize(2);
    assertThat(writer.directory()).doesNotExist();
  }

  @Test
  void whoeverIsStillWritingKeepsNobodyWaiting() throws IOException {
    Files.writeString(spool.resolve("a.jsonl"), LINE + "{\"half");
    append(writer());
    assertThat(own).isPresent();
    RunningSender sender =
        new Destination.Server(URI.create("http://127.0.0.1:" + port), Optional.empty())
            .start(
                spool,
                Configuration.load(Map.of(), Map.of("HOME", spool.toString()), Optional.empty()),
                1);
    running = Optional.of(sender);

    assertThat(sender.awaitIdle(LONG)).isTrue();

    assertThat(requests).containsExactly("file=a.jsonl " + LINE);
  }

  @Test
  void aServerThatRefusesTheTokenIsAskedRarely() {
    status = 403;
    RunningSender sender = sending();
    assertThat(sender.awaitIdle(LONG)).as("nothing is there to be refused").isTrue();

    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              Files.writeString(spool.resolve("a.jsonl"), LINE);
              sender.wakeUp();
              assertThat(sender.trouble().orElse("")).contains("a.jsonl and what follows it wait");
            });
    assertThat(sender.awaitIdle(Duration.ofMillis(300))).isFalse();
    assertThat(spool.resolve("a.jsonl")).exists();
  }

  @Test
  void aServerThatNeverAnswersDoesNotKeepTheJobFromEnding() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      port = silent.getLocalPort();
      Files.writeString(spool.resolve("a.jsonl"), LINE);
      RunningSender sender = sending();
      assertThat(sender.awaitIdle(Duration.ofMillis(500))).isFalse();

      long begun = System.nanoTime();
      sender.close();

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(2));
      assertThat(spool.resolve("a.jsonl")).content().isEqualTo(LINE);
    }
  }

  @Test
  void whatStaysInItsPlaceIsSentOnce() throws IOException {
    FollowedSpool.follow(spool);
    append(writer());
    own.orElseThrow().close();
    Files.writeString(spool.resolve("a.jsonl"), LINE + "{\"end\":true}\n");
    RunningSender sender = sending();

    assertThat(sender.awaitIdle(LONG)).isTrue();
    assertThat(sender.awaitIdle(LONG)).isTrue();

    assertThat(requests).hasSize(2);
    assertThat(spool.resolve("a.jsonl")).exists();
  }
}
