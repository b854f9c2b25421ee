package io.runledger.query.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * How times are shown, and the option that says it: in UTC as the database has them, or in the
 * reader's zone with the offset.
 */
final class Times {

  private static final DateTimeFormatter UTC = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");
  private static final DateTimeFormatter UTC_MINUTE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm");
  private static final DateTimeFormatter LOCAL =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ssxxx");
  private static final DateTimeFormatter LOCAL_MINUTE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mmxxx");

  @Option(
      names = "--local",
      description =
          "Show times in this machine's time zone (or that of TZ) with their offset from UTC:"
              + " 2026-11-23 15:30:05+01:00. Without it they are in UTC.")
  private boolean local;

  private final ZoneId here;

  /** Made by picocli. */
  Times() {
    this(ZoneId.systemDefault());
  }

  Times(ZoneId here) {
    this.here = here;
  }

  /** To the second. */
  String text(Instant instant) {
    return local
        ? LOCAL.format(instant.atZone(here))
        : UTC.format(instant.atOffset(ZoneOffset.UTC));
  }

  /** The same, null where there is none. */
  String orNull(Optional<Instant> instant) {
    return instant.map(this::text).orElse(null);
  }

  /** The same, where the database has none: the job named a year that is not one of 1 to 9999. */
  String orUnknown(Optional<Instant> instant) {
    return instant.map(this::text).orElse("time unknown");
  }

  /** To the minute. */
  String minute(Optional<Instant> instant) {
    return instant
        .map(
            at ->
                local
                    ? LOCAL_MINUTE.format(at.atZone(here))
                    : UTC_MINUTE.format(at.atOffset(ZoneOffset.UTC)))
        .orElse("-");
  }

  /** The title of a column of times: an offset says for itself what it is an offset from. */
  String title(String title) {
    return local ? title : title + " (UTC)";
  }
}
