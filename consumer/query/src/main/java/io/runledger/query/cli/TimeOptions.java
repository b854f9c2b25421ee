package io.runledger.query.cli;

import io.runledger.query.format.Times;
import java.time.ZoneId;
import picocli.CommandLine.Option;

/** In which zone times are shown. */
final class TimeOptions {

  @Option(
      names = "--local",
      description =
          "Show times in this machine's time zone (or that of TZ) with their offset from UTC:"
              + " 2026-11-23 15:30:05+01:00. Without it they are in UTC.")
  private boolean local;

  /** As the reader chose. */
  Times times() {
    return local ? Times.in(ZoneId.systemDefault()) : Times.UTC;
  }
}
