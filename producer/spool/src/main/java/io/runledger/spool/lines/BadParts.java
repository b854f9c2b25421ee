package io.runledger.spool.lines;

import io.runledger.spool.values.StoredText;
import java.util.ArrayList;
import java.util.List;

/**
 * The parts of a line that could not be read although the rest could: each is left out, counted and
 * shown on the run.
 */
final class BadParts {

  private static final int MOST_TOLD = 5;
  private static final int LONGEST = 200;

  private final List<String> told = new ArrayList<>();
  private long count;

  /**
   * Counts a part that is lost.
   *
   * @param why a sentence without its full stop
   */
  void add(String why) {
    count++;
    if (told.size() < MOST_TOLD) {
      told.add(shortened(StoredText.of(why)));
    }
  }

  void addAll(BadParts others) {
    count += others.count;
    others.told.stream().limit(MOST_TOLD - told.size()).forEach(told::add);
  }

  long count() {
    return count;
  }

  /** The reasons, as one text. */
  String reason() {
    String all = String.join("; ", told);
    return count > told.size() ? all + "; and " + (count - told.size()) + " more" : all;
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
  }
}
