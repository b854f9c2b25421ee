package io.runledger.query.format;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Numbers and durations as people read them. */
public final class Numbers {

  private static final MathContext SIX_DIGITS = new MathContext(6);
  private static final int LARGEST_PLAIN_EXPONENT = 9;
  private static final int SMALLEST_PLAIN_EXPONENT = -5;

  private Numbers() {}

  /** Six digits that count; all of them are in JSON and CSV. */
  public static String sixDigits(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    if (value == 0) {
      return Double.compare(value, 0.0) < 0 ? "-0" : "0";
    }
    BigDecimal rounded = BigDecimal.valueOf(value).round(SIX_DIGITS).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent > LARGEST_PLAIN_EXPONENT || exponent < SMALLEST_PLAIN_EXPONENT) {
      String digits = rounded.unscaledValue().abs().toString();
      String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
      return (value < 0 ? "-" : "") + digits.charAt(0) + fraction + "e" + exponent;
    }
    return rounded.toPlainString();
  }

  public static String orDash(OptionalLong number) {
    return number.isPresent() ? Long.toString(number.getAsLong()) : "-";
  }

  /** An epoch with all its digits: 5, not 5.0, and 0.25. */
  static String epoch(double epoch) {
    return isWhole(epoch) ? Long.toString((long) epoch) : Double.toString(epoch);
  }

  static boolean isWhole(double epoch) {
    return epoch == Math.rint(epoch) && Math.abs(epoch) < 0x1p63;
  }

  public static String epochOrDash(OptionalDouble epoch) {
    return epoch.isPresent() ? epoch(epoch.getAsDouble()) : "-";
  }

  /** How long it took: 45s, 3m20s, 1h02m, 2d03h. */
  public static String between(Optional<Instant> from, Optional<Instant> to) {
    if (from.isEmpty() || to.isEmpty() || to.get().isBefore(from.get())) {
      return "-";
    }
    Duration took = Duration.between(from.get(), to.get());
    if (took.toMinutes() == 0) {
      return took.toSeconds() + "s";
    }
    if (took.toHours() == 0) {
      return "%dm%02ds".formatted(took.toMinutes(), took.toSecondsPart());
    }
    if (took.toDays() == 0) {
      return "%dh%02dm".formatted(took.toHours(), took.toMinutesPart());
    }
    return "%dd%02dh".formatted(took.toDays(), took.toHoursPart());
  }

  /** How long ago: a job's clock may be a little ahead of the reader's. */
  public static String age(Instant at, Instant now) {
    return at.isAfter(now) ? "0s" : between(Optional.of(at), Optional.of(now));
  }

  /** Bytes as people read them. */
  public static String bytes(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double amount = bytes;
    int unit = -1;
    while (amount >= 1024 && unit < 4) {
      amount /= 1024;
      unit++;
    }
    return sixDigits(Math.round(amount * 10) / 10.0) + " " + "KMGTP".charAt(unit) + "iB";
  }
}
