package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.contract.Events;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many listeners, some of which do not listen. */
class StreamsTest extends OpenServer {

  private static final int LISTENERS = 10;
  private static final int RUNS = 900;
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final List<Events> runs = new ArrayList<>();

  @BeforeEach
  void openWithLittlePatience() throws IOException {
    server.close();
    server = WebServer.start(settings(), Optional.empty(), PATIENCE);
  }

  private void startAll() {
    for (int seed = 1_000; seed < 1_000 + RUNS; seed++) {
      runs.add(Events.ofSeed(seed).attempt(seed));
    }
    laboratory.deliver(runs.stream().map(Events::started).toArray(SpecificRecord[]::new));
  }

  private void changeAll() {
    laboratory.deliver(runs.stream().map(run -> run.heartbeat(30)).toArray(SpecificRecord[]::new));
  }

  /** Asks for the changes, and takes nothing that comes. */
  private Socket silent() throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4_096);
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.address().getPort()));
    socket
        .getOutputStream()
        .write(
            "GET /api/v1/changes HTTP/1.1\r\nHost: localhost\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void whoHearsNothingForLongerThanTheServersPatienceListensOn() throws Exception {
    HttpResponse<InputStream> answer =
        CLIENT.send(
            HttpRequest.newBuilder(uri("/api/v1/changes")).build(), BodyHandlers.ofInputStream());
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      for (int signs = 0; signs < 8; ) {
        String line = lines.readLine();
        assertThat(line).as("a stream that goes on").isNotNull();
        signs += line.equals(": alive") ? 1 : 0;
      }
    }
  }

  @Test
  void whoTakesNothingIsCutOffAndAllOthersHearOfEveryChange() throws Exception {
    startAll();
    AtomicLong heard = new AtomicLong();
    List<CompletableFuture<HttpResponse<Stream<String>>>> answers = new ArrayList<>();
    for (int i = 0; i < LISTENERS; i++) {
      answers.add(
          CLIENT.sendAsync(
              HttpRequest.newBuilder(uri("/api/v1/changes")).build(), BodyHandlers.ofLines()));
    }
    for (CompletableFuture<HttpResponse<Stream<String>>> answer : answers) {
      Stream<String> lines = answer.join().body();
      Thread thread =
          new Thread(
              () ->
                  lines
                      .filter(line -> line.startsWith("data: "))
                      .forEach(line -> heard.incrementAndGet()));
      thread.setDaemon(true);
      thread.start();
    }
    try (Socket socket = silent()) {
      await()
          .atMost(Duration.ofSeconds(100))
          .pollInterval(Duration.ofMillis(250))
          .until(
              () -> {
                changeAll();
                return server.streams() == LISTENERS;
              });
      InputStream rest = socket.getInputStream();
      socket.setSoTimeout(20_000);
      assertThat(endsSoon(rest)).isTrue();
    }
    long before = heard.get();
    changeAll();
    await().atMost(Duration.ofSeconds(20)).until(() -> heard.get() >= before + LISTENERS);
  }

  private static boolean endsSoon(InputStream rest) {
    try {
      rest.readAllBytes();
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      // Cut off in the midst of what was sent.
      return true;
    }
  }
}
