package io.runledger.query.runs;

import io.runledger.config.Printable;
import io.runledger.schemas.RunKey;
import java.util.OptionalLong;

/**
 * How people name a run: {@link #parse} reads what they type.
 *
 * <p>A text without a prefix is taken for the first of these that matches a run: a whole id of 13
 * characters, a name, a run key, a task of a SLURM array, then the first characters of an id or a
 * decimal run_id. {@code id:}, {@code name:}, {@code key:} and {@code slurm:} in front of it leave
 * just one of them.
 */
public sealed interface RunSelector {

  /** What was asked for, in a form that people type. */
  String text();

  /**
   * An id, its first characters, or a decimal run_id.
   *
   * @param text as typed
   */
  record ById(String text) implements RunSelector {}

  /**
   * An exact name.
   *
   * @param name the name
   */
  record ByName(String name) implements RunSelector {
    @Override
    public String text() {
      return name;
    }
  }

  /**
   * A run key.
   *
   * @param key the key
   */
  record ByKey(RunKey key) implements RunSelector {
    @Override
    public String text() {
      return key.displayName();
    }
  }

  /**
   * A SLURM job of any attempt.
   *
   * @param jobId raw job id, or the id of an array
   * @param arrayTaskId index in the array
   */
  record BySlurmJob(long jobId, OptionalLong arrayTaskId) implements RunSelector {
    @Override
    public String text() {
      String task = arrayTaskId.isPresent() ? "_" + arrayTaskId.getAsLong() : "";
      return "slurm:" + jobId + task;
    }
  }

  /**
   * Whichever of these matches.
   *
   * @param text as typed
   */
  record Any(String text) implements RunSelector {}

  /**
   * Reads what was typed: {@code 0k3f}, {@code baseline}, {@code 7/mnist/cnn/s01/-/3}, {@code
   * slurm:4711}, {@code slurm:4700_3}.
   *
   * @throws IllegalArgumentException with a sentence when what follows a prefix makes no sense
   */
  static RunSelector parse(String text) {
    if (text.startsWith("id:")) {
      return new ById(text.substring(3));
    }
    if (text.startsWith("name:")) {
      return new ByName(text.substring(5));
    }
    if (text.startsWith("key:")) {
      return new ByKey(
          TypedRun.runKey(text.substring(4))
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "'%s' is not a run key: it needs six parts separated by /, with - for an absent one and the seed at the end, such as 7/mnist/cnn/s01/-/3."
                              .formatted(Printable.word(text.substring(4))))));
    }
    if (text.startsWith("slurm:")) {
      return TypedRun.slurmJob(text.substring(6))
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "'%s' is not a SLURM job: write slurm:4711, or slurm:4700_3 for a task of an array."
                          .formatted(Printable.word(text))));
    }
    return new Any(text);
  }
}
