package io.runledger.query.table;

import io.runledger.query.filter.Field;
import io.runledger.query.filter.FilterSyntaxException;
import java.util.Map;
import java.util.Optional;

/**
 * The order of the rows. Runs without the value come last in both directions, and runs of equal
 * values the newest first.
 *
 * @param by whose value decides; empty for the order of creation, newest first
 * @param isDescending whether the largest value comes first
 */
public record RunOrder(Optional<Field> by, boolean isDescending) {

  /** The newest run first. */
  public static final RunOrder NEWEST = new RunOrder(Optional.empty(), true);

  /**
   * Reads {@code FIELD}, the smallest value first, or {@code -FIELD}, the largest first.
   *
   * @throws FilterSyntaxException when it is not the name of one field
   */
  public static RunOrder parse(String text) {
    boolean isDescending = text.startsWith("-");
    Map<String, Field> fields =
        Field.listed(isDescending ? " " + text.substring(1) : text, "The order");
    if (fields.size() > 1) {
      throw new IllegalArgumentException("The order is by one field, not by several.");
    }
    Field by = fields.values().iterator().next();
    return by == Field.Attribute.CREATED && isDescending
        ? NEWEST
        : new RunOrder(Optional.of(by), isDescending);
  }
}
