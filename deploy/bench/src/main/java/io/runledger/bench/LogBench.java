package io.runledger.bench;

import io.runledger.bench.figures.Figure;
import io.runledger.bench.figures.Numbers;
import io.runledger.client.At;
import io.runledger.client.RunHandle;
import io.runledger.client.Tracker;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.RunKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** The cost of a log() call with five metrics for the training, in each state of the brokers. */
final class LogBench implements Benchmark {

  private static final String WORD = "log";

  /** Approximate bytes that a call appends. */
  private static final int BYTES_PER_CALL = 120;

  @Override
  public void run(Session session) throws IOException, InterruptedException {
    int calls = session.options().logCalls();
    double[] bare = bareWrites(session.directory().resolve("bare-writes"), calls);
    Configuration reachable = session.environment().configuration("log-up");
    measure(session, "brokers up", reachable, bare, calls);
    InetAddress loopback = InetAddress.getLoopbackAddress();
    // Bound, so that nothing else listens there, but not listening.
    try (Socket nobody = new Socket()) {
      nobody.bind(new InetSocketAddress(loopback, 0));
      measure(
          session, "brokers absent", at(session, "log-absent", nobody.getLocalPort()), bare, calls);
    }
    try (ServerSocket silent = new ServerSocket(0, 64, loopback)) {
      measure(
          session,
          "brokers that never answer",
          at(session, "log-silent", silent.getLocalPort()),
          bare,
          calls);
    }
  }

  private static Configuration at(Session session, String name, int port)
      throws InterruptedException {
    return session
        .environment()
        .configuration(name)
        .with(Setting.BOOTSTRAP_SERVERS, "127.0.0.1:" + port)
        .with(Setting.SCHEMA_REGISTRY_URL, "http://127.0.0.1:" + port)
        .with(Setting.CLOSE_TIMEOUT_MS, "1000");
  }

  private static void measure(
      Session session, String state, Configuration configuration, double[] bare, int calls) {
    session.progress("log, %s", state);
    double[] nanos = new double[calls];
    try (Tracker tracker = Tracker.open(configuration);
        RunHandle run =
            tracker.start(
                RunKey.of("bench", "log", state, null, null, 0L), Map.of("calls", calls))) {
      for (int call = -calls / 10; call < calls; call++) {
        Map<String, Double> values =
            Map.of(
                "loss", 1.0 / (call + calls),
                "val/loss", 1.1 / (call + calls),
                "accuracy", call % 1_000 / 1_000.0,
                "grad_norm", call % 77 / 7.0,
                "learning_rate", 1e-3);
        long begun = System.nanoTime();
        run.log(values, At.step(call + calls));
        if (call >= 0) {
          nanos[call] = System.nanoTime() - begun;
        }
      }
    }
    session.add(figure(state + ", median", nanos, bare, 0.5).within(Figure.Budget.atMost(5)));
    session.add(figure(state + ", p99.9", nanos, bare, 0.999).within(Figure.Budget.atMost(1_000)));
  }

  private static Figure figure(String name, double[] nanos, double[] bare, double part) {
    return Figure.of(WORD, name, Numbers.percentile(nanos, part) / 1_000, "us")
        .beside("a bare write(2)", Numbers.percentile(bare, part) / 1_000);
  }

  private static double[] bareWrites(Path file, int calls) throws IOException {
    double[] nanos = new double[calls];
    ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES_PER_CALL);
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND,
            StandardOpenOption.DELETE_ON_CLOSE)) {
      for (int call = -calls / 10; call < calls; call++) {
        bytes.rewind();
        long begun = System.nanoTime();
        channel.write(bytes);
        if (call >= 0) {
          nanos[call] = System.nanoTime() - begun;
        }
      }
    }
    return nanos;
  }
}
