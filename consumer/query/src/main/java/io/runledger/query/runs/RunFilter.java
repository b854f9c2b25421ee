package io.runledger.query.runs;

import io.runledger.options.RunChoice;
import io.runledger.query.filter.Field;
import io.runledger.query.filter.Field.Attribute;
import io.runledger.query.filter.Field.Fact;
import io.runledger.query.filter.Filter;
import io.runledger.query.filter.FilterSyntaxException;
import io.runledger.query.filter.Operator;
import io.runledger.query.filter.Order;
import io.runledger.query.filter.Value;
import io.runledger.schemas.RunStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Which runs, in which order, and how many of them.
 *
 * @param where those that pass this
 * @param order which of them come first
 * @param after behind this place in the order: the next page
 * @param limit maximum number, the first in the order; at least 1
 */
public record RunFilter(Filter where, Order order, Optional<RunCursor> after, int limit) {

  /** Checks the limit, and that the place is one in this order. */
  public RunFilter {
    AtLeastOne.check("limit", limit);
    if (after.isPresent() && after.get().keys().size() != order.parts().size()) {
      throw new IllegalArgumentException("The page before was in another order.");
    }
  }

  /**
   * The newest of the runs that were chosen.
   *
   * @throws FilterSyntaxException when the choice has a filter that cannot be read
   */
  public static RunFilter of(RunChoice choice, int limit) {
    RunFilter filter = newest(limit);
    filter = choice.status().map(filter::withStatus).orElse(filter);
    filter = choice.experiment().map(filter::withExperiment).orElse(filter);
    filter = choice.project().map(filter::withProject).orElse(filter);
    filter = choice.tag().map(filter::withTag).orElse(filter);
    filter = choice.since().map(filter::since).orElse(filter);
    return choice.filter().map(Filter::parse).map(filter::where).orElse(filter);
  }

  /** The newest runs. */
  public static RunFilter newest(int limit) {
    return new RunFilter(Filter.EVERY_RUN, Order.NEWEST_FIRST, Optional.empty(), limit);
  }

  /** All runs. */
  public static RunFilter all() {
    return newest(Integer.MAX_VALUE);
  }

  /** The first of these. */
  public RunFilter limited(int value) {
    return new RunFilter(where, order, after, value);
  }

  /** Only those of these that pass the filter as well. */
  public RunFilter where(Filter filter) {
    Filter both = where.equals(Filter.EVERY_RUN) ? filter : new Filter.And(List.of(where, filter));
    return new RunFilter(both, order, after, limit);
  }

  private RunFilter where(Field field, Operator operator, Value value) {
    return where(new Filter.Compared(field, operator, value));
  }

  private RunFilter where(Field field, String text) {
    return where(field, Operator.EQUAL, new Value.Text(text));
  }

  public RunFilter withStatus(RunStatus value) {
    return where(Attribute.STATUS, value.word());
  }

  /** The first part of the run key. */
  public RunFilter withExperiment(String value) {
    return where(Attribute.EXPERIMENT, value);
  }

  public RunFilter withProject(String value) {
    return where(Attribute.PROJECT, value);
  }

  public RunFilter withTag(String value) {
    return where(Fact.TAG, value);
  }

  /** Those whose newest attempt started at this instant or later. */
  public RunFilter since(Instant value) {
    return where(Attribute.STARTED, Operator.AT_LEAST, new Value.Moment(value));
  }

  /** In another order, from its beginning. */
  public RunFilter inOrder(Order value) {
    return new RunFilter(where, value, Optional.empty(), limit);
  }

  /**
   * The next page: only runs behind this place, which is that of the last one: {@link
   * RunRow#cursor} or, of the newest runs, {@link Run#cursor()}.
   */
  public RunFilter after(RunCursor value) {
    return new RunFilter(where, order, Optional.of(value), limit);
  }
}
