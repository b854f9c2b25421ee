package io.runledger.query.groups;

import io.runledger.config.Printable;
import io.runledger.query.filter.Field.Aggregate;
import io.runledger.query.metrics.Optimum;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which one value of a metric stands for a run. */
public sealed interface RunValue {

  /**
   * The last value, NaN included, or the smallest or largest one that is not NaN.
   *
   * @param aggregate last, min, max or best
   */
  record OfSummary(Aggregate aggregate) implements RunValue {
    public OfSummary {
      if (!aggregate.isValue()) {
        throw new IllegalArgumentException(aggregate.word() + " is not a value of the metric.");
      }
    }

    @Override
    public String word() {
      return aggregate.word();
    }
  }

  /**
   * Of the values that were logged with this step or a lower one, the one that was logged last, NaN
   * included, and without those that a resume superseded. What was logged without a step is none.
   */
  record AtStep(long step) implements RunValue {
    @Override
    public String word() {
      return "at:" + step;
    }
  }

  /** As people write it. */
  String word();

  /** The best value, where it is known which end is the good one. */
  static RunValue best(Optimum optimum) {
    return new OfSummary(optimum == Optimum.MIN ? Aggregate.MIN : Aggregate.MAX);
  }

  /**
   * Reads what people write.
   *
   * @throws IllegalArgumentException with a sentence when it is none of them
   */
  static RunValue parse(String text) {
    String word = text.toLowerCase(Locale.ROOT);
    Matcher atStep = Pattern.compile("at:([+-]?[0-9]{1,18})").matcher(word);
    if (atStep.matches()) {
      return new AtStep(Long.parseLong(atStep.group(1)));
    }
    Optional<Aggregate> aggregate = Aggregate.ofWord(word).filter(Aggregate::isValue);
    return new OfSummary(
        aggregate.orElseThrow(
            () ->
                new IllegalArgumentException(
                    "The value is last, min, max, best or at:STEP, not '"
                        + Printable.word(text)
                        + "'.")));
  }
}
