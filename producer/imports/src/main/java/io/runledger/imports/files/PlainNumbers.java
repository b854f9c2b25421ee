package io.runledger.imports.files;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Reads numbers and times as Python and others print them. */
public final class PlainNumbers {

  private static final Pattern NUMBER =
      Pattern.compile(
          "[+-]?(?:[0-9]{1,40}(?:\\.[0-9]{0,40})?|\\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?");
  private static final int DATE_LENGTH = "2026-01-01".length();
  private static final double MOST_SECONDS = 1e11;
  private static final double MICROS = 1e6;
  private static final double TWO_TO_63 = 0x1p63;

  /** Significant decimal digits that a float of 32 bits always keeps, and those that suffice. */
  private static final int KEPT_DIGITS = 6;

  private static final int ENOUGH_DIGITS = 9;

  /** A float holds all whole numbers up to this one. */
  private static final double ALL_WHOLE = 0x1p24;

  /** A double holds all powers of ten up to this one. */
  private static final int EXACT_POWER = 22;

  private static final double[] POWERS = powers();

  private PlainNumbers() {}

  private static double[] powers() {
    double[] powers = new double[EXACT_POWER + 1];
    powers[0] = 1;
    for (int i = 1; i < powers.length; i++) {
      powers[i] = powers[i - 1] * 10;
    }
    return powers;
  }

  /** A number: 0.5, 1e-3, nan, inf, -Infinity; empty for anything else. */
  public static OptionalDouble number(String text) {
    String plain = text.strip();
    if (NUMBER.matcher(plain).matches()) {
      double number = Double.parseDouble(plain);
      return Double.isInfinite(number) ? OptionalDouble.empty() : OptionalDouble.of(number);
    }
    return switch (plain.toLowerCase(Locale.ROOT)) {
      case "nan", "+nan", "-nan" -> OptionalDouble.of(Double.NaN);
      case "inf", "+inf", "infinity", "+infinity" -> OptionalDouble.of(Double.POSITIVE_INFINITY);
      case "-inf", "-infinity" -> OptionalDouble.of(Double.NEGATIVE_INFINITY);
      default -> OptionalDouble.empty();
    };
  }

  /**
   * The number at which a parser of JSON is; empty when no double is as large. Infinities and NaN
   * are words there.
   */
  public static OptionalDouble number(JsonParser json) throws IOException {
    double number = json.getDoubleValue();
    String text = json.getText();
    boolean isWord = Character.isLetter(text.charAt(text.length() - 1));
    return Double.isFinite(number) || isWord ? OptionalDouble.of(number) : OptionalDouble.empty();
  }

  /** A whole number of 64 bits: 4, 4.0; empty for anything else. */
  public static OptionalLong whole(String text) {
    String plain = text.strip();
    try {
      return OptionalLong.of(Long.parseLong(plain));
    } catch (NumberFormatException notThatPlain) {
      OptionalDouble number = number(plain);
      return number.isPresent() ? whole(number.getAsDouble()) : OptionalLong.empty();
    }
  }

  /** The same of a number. */
  public static OptionalLong whole(double number) {
    return number == Math.rint(number) && number >= -TWO_TO_63 && number < TWO_TO_63
        ? OptionalLong.of((long) number)
        : OptionalLong.empty();
  }

  /** A time in seconds since 1970, or in milliseconds, microseconds or nanoseconds by its size. */
  public static Optional<Instant> instant(double number) {
    double seconds = number;
    for (int i = 0; i < 3 && seconds >= MOST_SECONDS; i++) {
      seconds /= 1_000;
    }
    return seconds >= 0 && seconds < MOST_SECONDS
        ? Optional.of(Instant.EPOCH.plus(Math.round(seconds * MICROS), ChronoUnit.MICROS))
        : Optional.empty();
  }

  /**
   * A number as above, or a date and time of ISO 8601; without an offset it is UTC, and a date
   * alone is its midnight.
   */
  public static Optional<Instant> instant(String text) {
    String plain = text.strip();
    OptionalDouble number = number(plain);
    if (number.isPresent()) {
      return instant(number.getAsDouble());
    }
    String iso = plain.replaceFirst("^(\\d{4}-\\d\\d-\\d\\d) ", "$1T");
    try {
      return Optional.of(OffsetDateTime.parse(iso).toInstant().truncatedTo(ChronoUnit.MICROS));
    } catch (DateTimeException withoutOffset) {
      try {
        boolean isDate = iso.length() == DATE_LENGTH;
        return Optional.of(
            LocalDateTime.parse(isDate ? iso + "T00:00" : iso)
                .toInstant(ZoneOffset.UTC)
                .truncatedTo(ChronoUnit.MICROS));
      } catch (DateTimeException notOne) {
        return Optional.empty();
      }
    }
  }

  /**
   * The double whose shortest decimal is that of a float: 0.1 for 0.1f, and not
   * 0.10000000149011612, which nobody has logged.
   */
  public static double shortest(float value) {
    double exact = value;
    if (!Double.isFinite(exact) || (exact == Math.rint(exact) && Math.abs(exact) < ALL_WHOLE)) {
      return exact;
    }
    int exponent = (int) Math.floor(Math.log10(Math.abs(exact)));
    for (int digits = KEPT_DIGITS; digits <= ENOUGH_DIGITS; digits++) {
      int scale = digits - 1 - exponent;
      if (scale < 0 || scale > EXACT_POWER) {
        // Both steps below would round.
        return Double.parseDouble(Float.toString(value));
      }
      double candidate = Math.rint(exact * POWERS[scale]) / POWERS[scale];
      if ((float) candidate == value) {
        return candidate;
      }
    }
    return exact;
  }
}
