package io.runledger.spool.lines;

import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The run that a line belongs to when the line goes to the dead letters. Lines after it that name
 * no run belong to the same one: they must not count for a run that is named earlier in the file.
 *
 * @param isNamed whether the line names a run or an attempt at all, readably or not
 * @param run the run that it names; empty when it names none, or what it names cannot be read
 * @param attempt the attempt that it names; likewise
 */
record LineOwner(boolean isNamed, Optional<RunId> run, Optional<Long> attempt) {

  private static final LineOwner UNNAMED = new LineOwner(false, Optional.empty(), Optional.empty());
  private static final LineOwner UNKNOWN = new LineOwner(true, Optional.empty(), Optional.empty());

  /** Finds an id in text that is not JSON, or only the beginning of it. */
  private static final Pattern NAMES =
      Pattern.compile("\"(run_id|attempt_id)\"\\s*:\\s*\"([0-9A-Za-z]{13})\"|\"run\"\\s*:");

  private static final Pattern START = Pattern.compile("\"start\"\\s*:\\s*\\{");

  /** Whether the bytes seem to be a line that starts a run, readable or not. */
  static boolean mayStart(byte[] line) {
    return START.matcher(latin(line)).find();
  }

  /** The owner of a line whose JSON can be read. */
  static LineOwner of(LineFields fields) {
    if (fields.has("start")) {
      return UNKNOWN;
    }
    if (!fields.has("run_id") && !fields.has("run") && !fields.has("attempt_id")) {
      return UNNAMED;
    }
    Optional<Long> attempt = id(fields.node("attempt_id").asText());
    boolean isReadable = attempt.isPresent() || !fields.has("attempt_id");
    return isReadable ? new LineOwner(true, run(fields), attempt) : UNKNOWN;
  }

  /** The owner of a line by what is in its bytes, or in those that it begins with. */
  static LineOwner of(byte[] line) {
    if (mayStart(line)) {
      return UNKNOWN;
    }
    Optional<Long> run = Optional.empty();
    Optional<Long> attempt = Optional.empty();
    Matcher name = NAMES.matcher(latin(line));
    while (name.find()) {
      Optional<Long> id = name.group(1) == null ? Optional.empty() : id(name.group(2));
      boolean isRun = "run_id".equals(name.group(1));
      if (id.isEmpty() || (isRun ? run : attempt).isPresent()) {
        // A run by its key, which cannot be read, or two lines that ran into each other.
        return UNKNOWN;
      }
      if (isRun) {
        run = id;
      } else {
        attempt = id;
      }
    }
    boolean isNamed = run.isPresent() || attempt.isPresent();
    return isNamed ? new LineOwner(true, run.map(RunId::new), attempt) : UNNAMED;
  }

  private static Optional<RunId> run(LineFields fields) {
    try {
      return Optional.of(JsonLines.run(fields));
    } catch (BadLineException unreadable) {
      return Optional.empty();
    }
  }

  private static Optional<Long> id(String text) {
    try {
      return Optional.of(Base32.decode(text)).filter(id -> id > 0);
    } catch (IllegalArgumentException notOne) {
      return Optional.empty();
    }
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
