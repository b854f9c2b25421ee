package io.runledger.imports.cli;

import io.runledger.agent.Terminal;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** A line at the terminal that shows how much was read; prints nothing without a terminal. */
final class ReadProgress implements LongConsumer {

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final double MEGABYTE = 1e6;
  private static final int WIDTH = 60;

  private final PrintWriter err;
  private final boolean isShown = Terminal.isAt(2);
  private long bytes;
  private long next = System.nanoTime() + PAUSE_NANOS;
  private boolean isDirty;

  ReadProgress(PrintWriter err) {
    this.err = err;
  }

  @Override
  public void accept(long more) {
    bytes += more;
    if (isShown && System.nanoTime() - next >= 0) {
      err.printf("\r%,.1f MB read ", bytes / MEGABYTE);
      err.flush();
      isDirty = true;
      next = System.nanoTime() + PAUSE_NANOS;
    }
  }

  /** Makes room for a sentence. */
  void clear() {
    if (isDirty) {
      err.print("\r" + " ".repeat(WIDTH) + "\r");
      isDirty = false;
    }
  }
}
