package io.runledger.query.failure;

import io.runledger.config.Printable;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Finds what a user may have meant. */
public final class NearNames {

  /** All that anybody reads. */
  public static final int READABLE = 100;

  /** How many names to list as examples when none is similar. */
  private static final int SHOWN = 5;

  /** At most this many on one line; more are listed one below the other. */
  private static final int IN_LINE = 5;

  private NearNames() {}

  /** The end of a sentence: near names, or else some of those that exist. */
  public static String hint(String wanted, List<String> known) {
    List<String> near = near(wanted, known);
    if (!near.isEmpty()) {
      return "; did you mean " + either(near) + "?";
    }
    String more = known.size() > SHOWN ? " and " + (known.size() - SHOWN) + " more" : "";
    return "; there are "
        + quoted(known.subList(0, Math.min(SHOWN, known.size())), ", ")
        + more
        + ".";
  }

  /** The known names that contain the wanted one or are contained in it, or differ little. */
  public static List<String> near(String wanted, List<String> known) {
    String lower = wanted.toLowerCase(Locale.ROOT);
    int tolerated = Math.max(1, lower.length() / 4);
    return known.stream()
        .filter(name -> distance(lower, name.toLowerCase(Locale.ROOT), tolerated) <= tolerated)
        .sorted(
            Comparator.comparingInt(
                    (String name) -> distance(lower, name.toLowerCase(Locale.ROOT), tolerated))
                .thenComparing(Comparator.naturalOrder()))
        .toList();
  }

  /** All of them as the end of a question; more than anybody reads are cut, and that is said. */
  public static String either(List<String> names) {
    if (names.size() <= IN_LINE) {
      return quoted(names, " or ");
    }
    String more = names.size() > READABLE ? "%n  or one of more names".formatted() : "";
    return "one of these:%n  ".formatted()
        + quoted(names.subList(0, Math.min(READABLE, names.size())), System.lineSeparator() + "  ")
        + more;
  }

  private static String quoted(List<String> names, String between) {
    return names.stream()
        .map(name -> "'" + Printable.word(name) + "'")
        .collect(Collectors.joining(between));
  }

  /**
   * Letters to change, add, leave out or swap with the next one; 1 where one name is part of the
   * other. The optimal string alignment of
   * https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance.
   */
  private static int distance(String a, String b, int tolerated) {
    if (a.equals(b)) {
      return 0;
    }
    if (!a.isEmpty() && !b.isEmpty() && (a.contains(b) || b.contains(a))) {
      return 1;
    }
    if (Math.abs(a.length() - b.length()) > tolerated) {
      return tolerated + 1;
    }
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] oldest = beforeLast;
      beforeLast = last;
      last = row;
      row = oldest;
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(changed, 1 + Math.min(row[j - 1], last[j]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
    }
    return row[b.length()];
  }
}
