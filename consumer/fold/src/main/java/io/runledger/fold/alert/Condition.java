package io.runledger.fold.alert;

import io.runledger.schemas.RunStatus;
import java.time.Duration;

/** What fires a rule. */
public sealed interface Condition {

  /** The form in which it is written in a file of rules, which is also how people read it. */
  String words();

  /**
   * An attempt of a run gets this status. It fires once for each attempt, however often the status
   * is corrected.
   */
  record StatusBecomes(RunStatus status) implements Condition {
    @Override
    public String words() {
      return "status becomes " + status.word();
    }
  }

  /**
   * So many values that one process logs of a metric, one after the other, pass a test. It fires
   * once for each such streak, however long it is.
   *
   * @param points how many, at least 1
   */
  record MetricIs(String metric, ValueTest test, int points) implements Condition {
    @Override
    public String words() {
      String count = points == 1 ? "" : " for " + points + " points";
      return "metric " + Quoted.word(metric) + " " + test.words() + count;
    }
  }

  /**
   * A running run has logged no value for so long; metrics of the machine do not count. It fires
   * once for each pause.
   */
  record NoValue(Duration duration) implements Condition {
    @Override
    public String words() {
      return "no value for " + text(duration);
    }

    private static String text(Duration duration) {
      long seconds = duration.toSeconds();
      if (seconds % 86_400 == 0) {
        return seconds / 86_400 + "d";
      }
      if (seconds % 3_600 == 0) {
        return seconds / 3_600 + "h";
      }
      return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }
  }
}
