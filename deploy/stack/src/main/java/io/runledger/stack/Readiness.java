package io.runledger.stack;

import io.runledger.files.FullDisk;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/** Waits until a child answers, and reports its last output when it does not. */
final class Readiness {

  private static final Duration DEADLINE = Duration.ofSeconds(90);
  private static final long LOOK_AGAIN_MS = 50;
  private static final int LAST_LINES = 15;

  /** How the broker and the registry report a taken port, in any system language. */
  private static final Pattern COULD_NOT_BIND =
      Pattern.compile("java\\.net\\.BindException|QuarkusBindException|seems? to be in use by");

  private Readiness() {}

  /**
   * Waits until it answers.
   *
   * @throws PortTakenException when it ended because another process has its port
   */
  static void await(String what, ChildProcess child, Path log, BooleanSupplier answers) {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (!answers.getAsBoolean()) {
      if (!child.isAlive()) {
        throw ended(what, child, log);
      }
      if (System.nanoTime() - end > 0) {
        throw new StackFailedException(
            "The %s did not answer within %d s; see its log %s."
                .formatted(what, DEADLINE.toSeconds(), log));
      }
      try {
        Thread.sleep(LOOK_AGAIN_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StackFailedException("Interrupted while waiting for the " + what + ".", e);
      }
    }
  }

  /** Whether something listens on a loopback port. */
  static boolean accepts(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static StackFailedException ended(String what, ChildProcess child, Path log) {
    String output;
    try {
      output = child.output();
    } catch (IOException e) {
      output = "(unreadable: " + e + ")";
    }
    if (FullDisk.isNamedIn(output)) {
      return new StackFailedException(
          "The %s ended while it was starting, because the disk is full (its log is %s). %s"
              .formatted(what, log, FullDisk.REMEDY));
    }
    String sentence =
        "The %s ended while it was starting; the end of its log %s:%n%s"
            .formatted(what, log, lastLines(output));
    return COULD_NOT_BIND.matcher(output).find()
        ? new PortTakenException(sentence)
        : new StackFailedException(sentence);
  }

  private static String lastLines(String output) {
    List<String> lines = output.lines().toList();
    return String.join(
        System.lineSeparator(),
        lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }
}
