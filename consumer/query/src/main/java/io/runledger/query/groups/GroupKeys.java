package io.runledger.query.groups;

import io.runledger.query.filter.Value;
import io.runledger.query.filter.Value.Moment;
import io.runledger.query.filter.Value.Real;
import io.runledger.query.filter.Value.Several;
import io.runledger.query.filter.Value.Text;
import io.runledger.query.filter.Value.Truth;
import io.runledger.query.filter.Value.Whole;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Which groups a run is in, and the order of groups. */
public final class GroupKeys {

  /** Up to here each whole number is a double. */
  private static final double EXACT = 0x1p53;

  private static final Comparator<Value> VALUES =
      Comparator.comparingInt(GroupKeys::rank)
          .thenComparingDouble(GroupKeys::size)
          .thenComparing(GroupKeys::text);

  /** By the first value, then by the next one; numbers before texts, and what is not there last. */
  public static final Comparator<List<Optional<Value>>> ORDER = GroupKeys::compare;

  private GroupKeys() {}

  /** The keys of a run with these values: one, unless it has several values of a field. */
  public static List<List<Optional<Value>>> of(List<Optional<Value>> values) {
    List<List<Optional<Value>>> keys = List.of(List.of());
    for (Optional<Value> value : values) {
      List<Optional<Value>> each =
          value.isPresent() && value.get() instanceof Several several
              ? several.texts().stream().distinct().map(GroupKeys::textValue).toList()
              : List.of(value.map(GroupKeys::normal));
      keys = keys.stream().flatMap(key -> each.stream().map(next -> with(key, next))).toList();
    }
    return keys;
  }

  private static Optional<Value> textValue(String text) {
    return Optional.of(new Text(text));
  }

  private static List<Optional<Value>> with(List<Optional<Value>> key, Optional<Value> next) {
    List<Optional<Value>> longer = new ArrayList<>(key);
    longer.add(next);
    return List.copyOf(longer);
  }

  private static Value normal(Value value) {
    return value instanceof Real real
            && real.number() == Math.rint(real.number())
            && Math.abs(real.number()) <= EXACT
        ? new Whole((long) real.number())
        : value;
  }

  private static int compare(List<Optional<Value>> left, List<Optional<Value>> right) {
    for (int i = 0; i < left.size(); i++) {
      Optional<Value> a = left.get(i);
      Optional<Value> b = right.get(i);
      if (a.isEmpty() || b.isEmpty()) {
        if (a.isPresent() != b.isPresent()) {
          return a.isPresent() ? -1 : 1;
        }
        continue;
      }
      int compared = VALUES.compare(a.get(), b.get());
      if (compared != 0) {
        return compared;
      }
    }
    return 0;
  }

  private static int rank(Value value) {
    if (value instanceof Truth) {
      return 0;
    }
    if (value instanceof Whole || value instanceof Real) {
      return 1;
    }
    return value instanceof Moment ? 2 : 3;
  }

  private static double size(Value value) {
    if (value instanceof Truth truth) {
      return truth.truth() ? 1 : 0;
    }
    if (value instanceof Whole whole) {
      return whole.number();
    }
    if (value instanceof Real real) {
      return real.number();
    }
    return value instanceof Moment moment ? moment.instant().getEpochSecond() : 0;
  }

  private static String text(Value value) {
    return value instanceof Text text ? text.text() : value.toString();
  }
}
