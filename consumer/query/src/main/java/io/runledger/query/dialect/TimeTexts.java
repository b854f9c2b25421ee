package io.runledger.query.dialect;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** Instants as the database's text columns hold them: {@code YYYY-MM-DD HH:MM:SS} in UTC. */
public final class TimeTexts {

  private static final DateTimeFormatter TEXT = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

  /** The years of four digits, whose texts are in the order of time. */
  private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");

  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

  private TimeTexts() {}

  public static String textOf(Instant instant) {
    return TEXT.format(inYearsOfTexts(instant).atOffset(ZoneOffset.UTC));
  }

  /** The instant, or the first or last one of the years that texts can hold. */
  public static Instant inYearsOfTexts(Instant instant) {
    return instant.isBefore(FIRST) ? FIRST : instant.isAfter(LAST) ? LAST : instant;
  }

  /** Empty when it is not a time: a list must not fail. */
  public static Optional<Instant> instant(String text) {
    try {
      return Optional.of(LocalDateTime.parse(text, TEXT).toInstant(ZoneOffset.UTC));
    } catch (DateTimeException e) {
      // Whoever wrote it, the row is still one, and those after it are.
      return Optional.empty();
    }
  }
}
