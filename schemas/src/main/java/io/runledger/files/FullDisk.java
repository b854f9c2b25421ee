package io.runledger.files;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/** Knows a full disk, or a quota that is used up, by what failed on it. */
public final class FullDisk {

  /** What to do, as a sentence. */
  public static final String REMEDY =
      "The disk is full, or a quota is used up: free some space there, and try again.";

  /** The system's words, which Java hands on, and SQLite's. */
  private static final Pattern SAID =
      Pattern.compile(
          "No space left on device|Disk quota exceeded|\\[SQLITE_(FULL|IOERR_SHMSIZE)\\]");

  private FullDisk() {}

  /** Whether a failure, or one that it comes from, is one of a full disk. */
  public static boolean isCauseOf(Throwable failure) {
    Set<Throwable> seen = new HashSet<>();
    for (Throwable cause = failure; cause != null && seen.add(cause); cause = cause.getCause()) {
      if (isNamedIn(String.valueOf(cause.getMessage()))) {
        return true;
      }
    }
    return false;
  }

  /** Whether the words of a program speak of a full disk. */
  public static boolean isNamedIn(String words) {
    return SAID.matcher(words).find();
  }
}
