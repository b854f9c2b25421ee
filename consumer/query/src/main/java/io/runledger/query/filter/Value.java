package io.runledger.query.filter;

import java.time.Instant;
import java.util.List;

/** A value of a run, or what one is compared with. Values of two kinds are never equal. */
public sealed interface Value {

  /** A text. */
  record Text(String text) implements Value {}

  /** A number without a fraction, such as a seed of 63 bits, which a double would round. */
  record Whole(long number) implements Value {}

  /** A number, infinities included, and never NaN. */
  record Real(double number) implements Value {}

  /** What a metric is that is not a number: equal to itself, and in no order with any other. */
  record NotANumber() implements Value {}

  /** True or false. */
  record Truth(boolean truth) implements Value {}

  /** An instant, of whole seconds. */
  record Moment(Instant instant) implements Value {}

  /** The texts that a run has of a field, sorted; no filter compares with it. */
  record Several(List<String> texts) implements Value {
    public Several {
      texts = List.copyOf(texts);
    }
  }

  /** A list, an object or a number beyond 64 bits, as JSON; no filter compares with it. */
  record Json(String json) implements Value {}
}
