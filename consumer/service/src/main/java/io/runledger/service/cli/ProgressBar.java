package io.runledger.service.cli;

import io.runledger.fold.batch.BatchResult;
import io.runledger.service.rebuild.Progress;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;

/**
 * Shows how far a replay is: one line that changes on a terminal, else a line every few seconds.
 */
final class ProgressBar implements Progress {

  private static final int WIDTH = 30;
  private static final Duration REDRAW = Duration.ofMillis(200);
  private static final Duration LINE = Duration.ofSeconds(5);

  private final PrintWriter words;
  private final boolean terminal;
  private final InstantSource clock;
  private final Instant begun;
  private Instant shown;
  private boolean drawn;

  ProgressBar(PrintWriter words, boolean terminal, InstantSource clock) {
    this.words = words;
    this.terminal = terminal;
    this.clock = clock;
    this.begun = clock.instant();
    this.shown = begun;
  }

  /** Whether stderr is a terminal; Java's console looks at stdin and stdout instead. */
  static boolean isTerminal() {
    try {
      Path stderr = Path.of("/proc/self/fd/2").toRealPath();
      return stderr.startsWith("/dev/pts") || stderr.getFileName().toString().startsWith("tty");
    } catch (IOException e) {
      // Not Linux, or a pipe that has no path: lines are readable everywhere.
      return false;
    }
  }

  @Override
  public void at(long done, long total, BatchResult soFar) {
    Instant now = clock.instant();
    boolean due = !now.isBefore(shown.plus(terminal ? REDRAW : LINE));
    if (!due && (done < total || !terminal)) {
      return;
    }
    shown = now;
    drawn = true;
    String line = line(done, total, soFar.applied(), Duration.between(begun, now));
    if (terminal) {
      words.print("\r" + bar(done, total) + line + "   ");
    } else {
      words.println(line.strip());
    }
    words.flush();
  }

  /** Leaves the line, so that what comes next has its own line. */
  void end() {
    if (terminal && drawn) {
      words.println();
      words.flush();
    }
  }

  private static String bar(long done, long total) {
    int filled = total == 0 ? WIDTH : (int) (WIDTH * done / total);
    return "[" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "]";
  }

  static String line(long done, long total, long events, Duration took) {
    double seconds = Math.max(0.001, took.toMillis() / 1000.0);
    String left =
        done == 0
            ? "?"
            : duration(
                Duration.ofMillis((long) (took.toMillis() * (total - done) / (double) done)));
    return String.format(
        Locale.ROOT,
        " %3d%%  %,d events  %,.0f/s  %s left",
        total == 0 ? 100 : 100 * done / total,
        events,
        events / seconds,
        left);
  }

  private static String duration(Duration time) {
    return time.toHours() > 0
        ? "%d:%02d:%02d".formatted(time.toHours(), time.toMinutesPart(), time.toSecondsPart())
        : "%d:%02d".formatted(time.toMinutes(), time.toSecondsPart());
  }
}
