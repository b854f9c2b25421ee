package io.runledger.stack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Waits until a child answers, and tells its last words when it does not. */
final class Readiness {

  private static final Duration DEADLINE = Duration.ofSeconds(90);
  private static final long LOOK_AGAIN_MS = 50;
  private static final int LAST_LINES = 15;

  private Readiness() {}

  static void await(String what, ChildProcess child, Path log, BooleanSupplier answers) {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (!answers.getAsBoolean()) {
      if (!child.isAlive()) {
        throw new StackFailedException(
            "The %s ended while it was starting; the end of its log %s:%n%s"
                .formatted(what, log, lastLines(log)));
      }
      if (System.nanoTime() - end > 0) {
        throw new StackFailedException(
            "The %s did not answer within %d s; the end of its log %s:%n%s"
                .formatted(what, DEADLINE.toSeconds(), log, lastLines(log)));
      }
      try {
        Thread.sleep(LOOK_AGAIN_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StackFailedException("Interrupted while waiting for the " + what + ".", e);
      }
    }
  }

  /** Whether somebody listens on a port of loopback. */
  static boolean accepts(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static String lastLines(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join(
          System.lineSeparator(),
          lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    } catch (IOException e) {
      return "(unreadable: " + e + ")";
    }
  }
}
