package io.runledger.query.format;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** How times are shown: in UTC as the database has them, or in a reader's zone with the offset. */
public final class Times {

  /** As the database has them. */
  public static final Times UTC = new Times(ZoneOffset.UTC, "", " (UTC)");

  private final DateTimeFormatter second;
  private final DateTimeFormatter minute;
  private final String suffix;

  private Times(ZoneId zone, String offset, String suffix) {
    this.second = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss" + offset).withZone(zone);
    this.minute = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm" + offset).withZone(zone);
    this.suffix = suffix;
  }

  /** In a zone, each with its offset. */
  public static Times in(ZoneId zone) {
    return new Times(zone, "xxx", "");
  }

  /** To the second. */
  public String text(Instant instant) {
    return second.format(instant);
  }

  /** The same, null where there is none. */
  public String orNull(Optional<Instant> instant) {
    return instant.map(this::text).orElse(null);
  }

  /** The same, where the database has none: the job named a year that is not one of 1 to 9999. */
  public String orUnknown(Optional<Instant> instant) {
    return instant.map(this::text).orElse("time unknown");
  }

  /** To the minute. */
  public String minute(Optional<Instant> instant) {
    return instant.map(minute::format).orElse("-");
  }

  /** The title of a column of times: an offset says for itself what it is an offset from. */
  public String title(String title) {
    return title + suffix;
  }
}
