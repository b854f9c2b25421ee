package io.runledger.query.filter;

import java.util.List;

/**
 * In which order runs come: by the first part, those that are equal in it by the next one, and at
 * last the newest first; the oldest first where the last part is their creation, ascending, of
 * which seconds are compared. A value that is not there, and NaN, comes last in either direction.
 * Of a field that may be of any kind, numbers are less than texts; false counts as 0, true as 1, a
 * list or an object as the text of its JSON. Of a field of which a run has several, the least
 * counts.
 *
 * @param parts none for the newest first
 */
public record Order(List<Part> parts) {

  /** Nobody's question has more. */
  static final int MOST_PARTS = 10;

  /** The newest first, by the start of their first attempt. */
  public static final Order NEWEST_FIRST = new Order(List.of());

  public Order {
    parts = List.copyOf(parts);
  }

  /** Whether of runs that are equal in all parts the oldest comes first. */
  public boolean endsOldestFirst() {
    return !parts.isEmpty()
        && parts.get(parts.size() - 1).equals(new Part(Field.Attribute.CREATED, false));
  }

  /** By the values of a field. */
  public record Part(Field field, boolean isDescending) {}

  /**
   * Reads an order: fields of the filter language with commas between them, each followed by {@code
   * asc} or {@code desc} or by neither, which is {@code asc}; a minus in front is {@code desc} as
   * well. An empty or blank text is {@link #NEWEST_FIRST}.
   *
   * @throws FilterSyntaxException when it cannot be read, with the place
   */
  public static Order parse(String text) {
    return new Order(
        new FieldListParser("order", text, true)
            .parse(MOST_PARTS).stream()
                .map(item -> new Part(item.field(), item.isDescending()))
                .toList());
  }
}
