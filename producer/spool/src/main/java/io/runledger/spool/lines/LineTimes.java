package io.runledger.spool.lines;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/** Reads times as programs write them, with microseconds. */
final class LineTimes {

  /** Seconds up to the year 5138; a larger number is in a smaller unit. */
  private static final BigDecimal MOST_SECONDS = BigDecimal.valueOf(100_000_000_000L);

  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1_000);
  private static final BigDecimal MICROS = BigDecimal.valueOf(1_000_000);
  private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");

  private static final Pattern BLANK = Pattern.compile("^(\\d{4}-\\d\\d-\\d\\d) ");
  private static final Pattern OFFSET = Pattern.compile("([+-]\\d\\d)(\\d\\d)$");

  /** What most writers send, where 0 stands for a digit. */
  private static final String PLAIN = "0000-00-00T00:00:00";

  private static final int MICRO_DIGITS = 6;

  private LineTimes() {}

  /**
   * A time from 1970 to 9999: seconds, milliseconds, microseconds or nanoseconds since 1970, told
   * apart by the size of the number, or an ISO 8601 text with an offset; empty for anything else.
   */
  static Optional<Instant> of(JsonNode node) {
    String text = node.isTextual() ? node.textValue().strip() : "";
    if (isPlain(text)) {
      return plain(text);
    }
    try {
      OptionalDouble number = node.isBoolean() ? OptionalDouble.empty() : LineNumbers.number(node);
      if (number.isPresent()) {
        return ofNumber(number.getAsDouble(), node);
      }
      if (!text.isEmpty()) {
        Instant time = OffsetDateTime.parse(iso(text)).toInstant();
        return Optional.of(time.truncatedTo(ChronoUnit.MICROS)).filter(LineTimes::isInRange);
      }
    } catch (DateTimeException | ArithmeticException notOne) {
      // It is empty.
    }
    return Optional.empty();
  }

  private static Optional<Instant> ofNumber(double number, JsonNode node) {
    if (!Double.isFinite(number) || number < 0) {
      return Optional.empty();
    }
    BigDecimal seconds =
        node.isNumber() ? node.decimalValue() : new BigDecimal(node.asText().strip());
    for (int i = 0; i < 3 && seconds.compareTo(MOST_SECONDS) >= 0; i++) {
      seconds = seconds.divide(THOUSAND);
    }
    if (seconds.compareTo(MOST_SECONDS) >= 0) {
      return Optional.empty();
    }
    long micros = seconds.multiply(MICROS).setScale(0, RoundingMode.HALF_UP).longValueExact();
    return Optional.of(Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
  }

  /** In UTC: with an offset, the year of the text may be another one. */
  private static boolean isInRange(Instant time) {
    return !time.isBefore(Instant.EPOCH) && time.isBefore(END);
  }

  /** Whether it is a time of UTC with seconds, and a fraction of some digits or none. */
  private static boolean isPlain(String text) {
    int end = text.length() - 1;
    if (end < PLAIN.length() || text.charAt(end) != 'Z') {
      return false;
    }
    for (int i = 0; i < PLAIN.length(); i++) {
      char expected = PLAIN.charAt(i);
      if (expected == '0' ? !isDigit(text.charAt(i)) : text.charAt(i) != expected) {
        return false;
      }
    }
    int fraction = end - PLAIN.length();
    if (fraction == 0) {
      return true;
    }
    boolean isFraction = text.charAt(PLAIN.length()) == '.' && fraction >= 2 && fraction <= 10;
    for (int i = PLAIN.length() + 1; i < end; i++) {
      isFraction &= isDigit(text.charAt(i));
    }
    return isFraction;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** The same that a formatter reads, in a tenth of its time. */
  private static Optional<Instant> plain(String text) {
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, 19);
    if (hour > 23 || minute > 59 || second > 59) {
      return Optional.empty();
    }
    long days;
    try {
      days = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10)).toEpochDay();
    } catch (DateTimeException noSuchDay) {
      return Optional.empty();
    }
    int from = PLAIN.length() + 1;
    int micros = 0;
    for (int i = 0; i < MICRO_DIGITS; i++) {
      micros = 10 * micros + (from + i < text.length() - 1 ? text.charAt(from + i) - '0' : 0);
    }
    Instant time =
        Instant.ofEpochSecond(((days * 24 + hour) * 60 + minute) * 60 + second, micros * 1_000L);
    return Optional.of(time).filter(LineTimes::isInRange);
  }

  private static int number(String text, int from, int end) {
    int number = 0;
    for (int i = from; i < end; i++) {
      number = 10 * number + text.charAt(i) - '0';
    }
    return number;
  }

  /** Also what {@code date} prints: a blank for the T, a comma in the seconds, +0100. */
  private static String iso(String text) {
    String withoutBlank = BLANK.matcher(text).replaceFirst("$1T");
    return OFFSET.matcher(withoutBlank.replace(',', '.')).replaceFirst("$1:$2");
  }
}
