package io.runledger.options;

import io.runledger.config.Printable;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code --since}: so long ago (90m, 2h, 3d, 1w), or a date or time. */
public final class Since implements ITypeConverter<Instant> {

  /** What may be typed. */
  public static final String HELP =
      "90m, 2h, 3d or 1w ago, or a date or time in UTC (2026-11-23, 2026-11-23T14:30) or with an offset"
          + " (2026-11-23T15:30+01:00)";

  private static final Pattern AGO = Pattern.compile("([0-9]{1,6})([smhdw])");

  private static final Pattern WITH_OFFSET = Pattern.compile("(.+T.+?)(Z|[+-][0-9:]{2,8})");

  /** The last that times in the database have; beyond it they have another number of digits. */
  private static final int LAST_YEAR = 9_999;

  private final Clock clock;

  /** Made by picocli. */
  public Since() {
    this(Clock.systemUTC());
  }

  /** As of another moment. */
  public Since(Clock clock) {
    this.clock = clock;
  }

  @Override
  public Instant convert(String text) {
    Matcher ago = AGO.matcher(text);
    if (ago.matches()) {
      return clock.instant().minus(duration(Long.parseLong(ago.group(1)), ago.group(2).charAt(0)));
    }
    try {
      String iso = text.replace(' ', 'T');
      ZoneOffset offset = ZoneOffset.UTC;
      Matcher zoned = WITH_OFFSET.matcher(iso);
      if (zoned.matches()) {
        offset = ZoneOffset.of(zoned.group(2));
        iso = zoned.group(1);
      }
      LocalDateTime time =
          iso.contains("T") ? LocalDateTime.parse(iso) : LocalDate.parse(iso).atStartOfDay();
      if (time.getYear() < 1 || time.getYear() > LAST_YEAR) {
        throw new DateTimeException("year out of range");
      }
      return time.toInstant(offset);
    } catch (DateTimeException e) {
      throw new TypeConversionException(
          "it must be " + HELP + ", not '" + Printable.word(text) + "'");
    }
  }

  /**
   * A time as people write it: a number of a unit.
   *
   * @param unit s, m, h, d or w
   */
  public static Duration duration(long count, char unit) {
    return switch (unit) {
      case 's' -> Duration.ofSeconds(count);
      case 'm' -> Duration.ofMinutes(count);
      case 'h' -> Duration.ofHours(count);
      case 'd' -> Duration.ofDays(count);
      default -> Duration.ofDays(7 * count);
    };
  }
}
