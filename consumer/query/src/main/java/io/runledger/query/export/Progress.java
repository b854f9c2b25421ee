package io.runledger.query.export;

import io.runledger.config.Counted;
import io.runledger.query.format.Screen;
import java.io.PrintWriter;
import java.time.Duration;

/** A line on the terminal that stderr is, which is written over; nothing elsewhere. */
final class Progress {

  private static final long EACH_NANOS = Duration.ofMillis(250).toNanos();

  private final PrintWriter err;
  private final long allRuns;
  private final String rowWord;
  private final boolean shown = Screen.columnsOfStderr().isPresent();
  private final int width = Screen.columnsOfStderr().orElse(0);
  private long runs;
  private long rows;
  private long last = System.nanoTime() - EACH_NANOS;

  Progress(PrintWriter err, long allRuns, String rowWord) {
    this.err = err;
    this.allRuns = allRuns;
    this.rowWord = rowWord;
  }

  void run() {
    runs++;
    show();
  }

  void row() {
    rows++;
    // The clock is asked seldom: a row takes less time than the question.
    if ((rows & 0x3ff) == 0) {
      show();
    }
  }

  /** Shows only which part of the log was read. */
  void part(long done, long total) {
    long now = System.nanoTime();
    if (shown && now - last >= EACH_NANOS) {
      last = now;
      print("%3d%% of the log read".formatted(Math.min(100, 100 * done / Math.max(1, total))));
    }
  }

  long rows() {
    return rows;
  }

  /** {@code 30,112 runs}. */
  String counted() {
    return Counted.of(rows, rowWord);
  }

  private void show() {
    long now = System.nanoTime();
    if (!shown || now - last < EACH_NANOS) {
      return;
    }
    last = now;
    String line =
        "%3d%%  %,d of %s%s"
            .formatted(
                Math.min(100, 100 * runs / Math.max(1, allRuns)),
                runs,
                Counted.of(allRuns, "run"),
                rowWord.equals("run") ? "" : ", " + counted());
    print(line);
  }

  private void print(String line) {
    err.print('\r' + line.substring(0, Math.min(line.length(), width - 1)) + "\u001b[K");
    err.flush();
  }

  /** Leaves an empty line. */
  void end() {
    if (shown) {
      err.print("\r\u001b[K");
      err.flush();
    }
  }
}
