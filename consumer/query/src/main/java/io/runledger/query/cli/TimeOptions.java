package io.runledger.query.cli;

import io.runledger.query.format.Times;
import java.time.ZoneId;
import picocli.CommandLine.Option;

/** In which zone times are shown. */
public final class TimeOptions {

  /** Made once: a long answer shows millions of times. */
  private Times times = Times.UTC;

  /** Made by picocli. */
  public TimeOptions() {}

  @Option(
      names = "--local",
      description =
          "Show times in this machine's time zone (or that of TZ) with their offset from UTC:"
              + " 2026-11-23 15:30:05+01:00. Without it they are in UTC.")
  void local(boolean local) {
    times = local ? Times.in(ZoneId.systemDefault()) : Times.UTC;
  }

  /** As the reader chose. */
  public Times times() {
    return times;
  }
}
