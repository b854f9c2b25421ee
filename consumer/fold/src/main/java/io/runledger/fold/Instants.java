package io.runledger.fold;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

/**
 * Instants as the tables hold them. A clock may say anything: microseconds end at those of 64 bits,
 * and a text has only the years that four digits can name: such a time costs itself, not its event.
 */
public final class Instants {

  private static final DateTimeFormatter TEXT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant BEHIND_LAST = Instant.parse("+10000-01-01T00:00:00Z");

  private static final long MICROS = 1_000_000;
  private static final int NANOS_PER_MICRO = 1_000;

  private Instants() {}

  /** Microseconds since 1970; the end of the range where 64 bits do not hold them. */
  public static long micros(Instant at) {
    try {
      return Math.addExact(
          Math.multiplyExact(at.getEpochSecond(), MICROS), at.getNano() / NANOS_PER_MICRO);
    } catch (ArithmeticException outOfRange) {
      return at.isAfter(Instant.EPOCH) ? Long.MAX_VALUE : Long.MIN_VALUE;
    }
  }

  /** The instant of microseconds since 1970. */
  public static Instant ofMicros(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /** {@code YYYY-MM-DD HH:MM:SS} UTC; null for null and for a year that is not one of 1 to 9999. */
  public static String text(Instant at) {
    return at == null || at.isBefore(FIRST) || !at.isBefore(BEHIND_LAST) ? null : TEXT.format(at);
  }

  /** Microseconds since 1970 of what {@link #text} wrote, null for null. */
  public static Long microsOfText(String text) {
    return text == null ? null : Long.valueOf(micros(TEXT.parse(text, Instant::from)));
  }

  /** The text of microseconds since 1970, null for null. */
  public static String textOfMicros(Long micros) {
    return micros == null ? null : text(ofMicros(micros));
  }
}
