package io.runledger.agent.slurm;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The forms in which SLURM writes numbers, times, codes and resources; sbatch(1), squeue(1). */
final class Words {

  private static final Set<String> NOTHING =
      Set.of("", "N/A", "n/a", "(null)", "None", "Unknown", "NONE", "INVALID", "None assigned");

  private static final Pattern TIME_LIMIT =
      Pattern.compile("(?:(\\d{1,6})-)?(?:(\\d{1,6}):)?(?:(\\d{1,6}):)?(\\d{1,6})");

  private Words() {}

  /** The word, or an empty text where it means that there is none. */
  static String text(String word) {
    String stripped = word.strip();
    return NOTHING.contains(stripped) ? "" : stripped;
  }

  /** A whole number; empty for anything else, such as the ranges of tasks that have not started. */
  static OptionalLong number(String word) {
    String stripped = word.strip();
    return stripped.matches("\\d{1,18}")
        ? OptionalLong.of(Long.parseLong(stripped))
        : OptionalLong.empty();
  }

  /**
   * Seconds since 1970, or a date and time without a zone, which is then that of SLURM's machine.
   */
  static Optional<Instant> instant(String word, ZoneId zone) {
    OptionalLong seconds = number(word);
    if (seconds.isPresent()) {
      return seconds.getAsLong() == 0
          ? Optional.empty()
          : Optional.of(Instant.ofEpochSecond(seconds.getAsLong()));
    }
    try {
      return Optional.of(LocalDateTime.parse(word.strip()).atZone(zone).toInstant());
    } catch (DateTimeException noTime) {
      return Optional.empty();
    }
  }

  /** {@code days-hours:minutes:seconds}, of which the beginning may be missing, in seconds. */
  static OptionalLong seconds(String word) {
    Matcher parts = TIME_LIMIT.matcher(word.strip());
    if (!parts.matches()) {
      return OptionalLong.empty();
    }
    long hours = part(parts, 2);
    long minutes = part(parts, 3);
    if (parts.group(3) == null) {
      // Of two numbers the first is minutes.
      minutes = hours;
      hours = 0;
    }
    return OptionalLong.of(((part(parts, 1) * 24 + hours) * 60 + minutes) * 60 + part(parts, 4));
  }

  private static long part(Matcher parts, int group) {
    return parts.group(group) == null ? 0 : Long.parseLong(parts.group(group));
  }

  /** The code of {@code code:signal}. */
  static OptionalInt exitCode(String word) {
    return side(word, 0);
  }

  /** The signal of {@code code:signal}; empty where no signal ended the job. */
  static OptionalInt exitSignal(String word) {
    OptionalInt signal = side(word, 1);
    return signal.orElse(0) == 0 ? OptionalInt.empty() : signal;
  }

  private static OptionalInt side(String word, int side) {
    String[] sides = word.strip().split(":", -1);
    return sides.length == 2 && sides[0].matches("\\d{1,5}") && sides[1].matches("\\d{1,5}")
        ? OptionalInt.of(Integer.parseInt(sides[side]))
        : OptionalInt.empty();
  }

  /** {@code cpu=1,mem=100M}. */
  static Map<String, String> resources(String word) {
    Map<String, String> resources = new TreeMap<>();
    for (String one : text(word).split(",", -1)) {
      int equals = one.indexOf('=');
      if (equals > 0) {
        resources.put(one.substring(0, equals), one.substring(equals + 1));
      }
    }
    return resources;
  }
}
