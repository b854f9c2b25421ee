package io.runledger.imports.lines;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What of a source could not be imported: each place is said as it is found, up to some for a file,
 * and all are counted. Not thread-safe.
 */
public final class Losses {

  /** Places said for each file: more are hardly read. */
  private static final int SAID = 10;

  private final Consumer<String> words;
  private final Map<Path, Long> counts = new LinkedHashMap<>();
  private final Map<String, Long> leftOut = new LinkedHashMap<>();

  /**
   * Nothing is lost yet.
   *
   * @param words receives a sentence for each place
   */
  public Losses(Consumer<String> words) {
    this.words = words;
  }

  /** Losses of a first look at what is read later, which notes them then. */
  public static Losses unheard() {
    return new Losses(said -> {});
  }

  /**
   * Something cannot be read.
   *
   * @param file the source's file
   * @param place where in it: a line, an offset, a row
   * @param what what is wrong there, and what was left out
   */
  public void add(Path file, String place, String what) {
    long count = counts.merge(file, 1L, Long::sum);
    if (count <= SAID) {
      words.accept("%s, %s: %s.".formatted(file, place, what));
    } else if (count == SAID + 1) {
      words.accept("%s: there is more of it; from here on it is only counted.".formatted(file));
    }
  }

  /** Something is sound, but of a sort that the ledger does not hold. */
  public void leaveOut(String sort) {
    leftOut.merge(sort, 1L, Long::sum);
  }

  /** How many places were added. */
  public long count() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** How many places a file has, for those that have some. */
  public Map<Path, Long> counts() {
    return Map.copyOf(counts);
  }

  /** What was left out by its sort, and how often. */
  public Map<String, Long> leftOut() {
    return Map.copyOf(leftOut);
  }
}
