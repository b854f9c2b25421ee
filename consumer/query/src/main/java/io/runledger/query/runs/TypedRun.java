package io.runledger.query.runs;

import io.runledger.query.runs.RunSelector.BySlurmJob;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunKey;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the forms in which people type a run; empty when the text has not that form. */
public final class TypedRun {

  private static final int KEY_PARTS = 6;
  private static final Pattern SLURM_JOB = Pattern.compile("([0-9]{1,18})(?:_([0-9]{1,18}))?");

  /** Ids from the lowest to the highest, both included. */
  public record IdRange(long lowest, long highest) {}

  private TypedRun() {}

  /** A run key: {@code 7/mnist/cnn/s01/-/3}. */
  public static Optional<RunKey> runKey(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != KEY_PARTS || Arrays.stream(parts).allMatch("-"::equals)) {
      return Optional.empty();
    }
    try {
      String seed = part(parts[5]);
      return Optional.of(
          RunKey.of(
              part(parts[0]),
              part(parts[1]),
              part(parts[2]),
              part(parts[3]),
              part(parts[4]),
              seed == null ? null : Long.valueOf(seed)));
    } catch (NumberFormatException e) {
      // The last part is not a seed, so the text is not a key; it may still be a name.
      return Optional.empty();
    }
  }

  private static String part(String text) {
    return text.equals("-") ? null : text;
  }

  /** A SLURM job: {@code 4711}, or {@code 4700_3} for a task of an array. */
  public static Optional<BySlurmJob> slurmJob(String text) {
    Matcher job = SLURM_JOB.matcher(text);
    if (!job.matches()) {
      return Optional.empty();
    }
    OptionalLong task =
        job.group(2) == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(job.group(2)));
    return Optional.of(new BySlurmJob(Long.parseLong(job.group(1)), task));
  }

  /** The ids that begin so. */
  public static Optional<IdRange> idPrefix(String text) {
    if (text.isEmpty() || text.length() > Base32.LENGTH) {
      return Optional.empty();
    }
    try {
      return Optional.of(new IdRange(Base32.lowest(text), Base32.highest(text)));
    } catch (IllegalArgumentException e) {
      // Not of the characters of an id, so no id begins so.
      return Optional.empty();
    }
  }

  /** A run_id as SQL shows it. */
  public static Optional<IdRange> decimalId(String text) {
    if (!text.matches("[0-9]{1,19}")) {
      return Optional.empty();
    }
    try {
      long id = Long.parseLong(text);
      return Optional.of(new IdRange(id, id));
    } catch (NumberFormatException e) {
      // Above 2^63-1, where there are no ids.
      return Optional.empty();
    }
  }
}
