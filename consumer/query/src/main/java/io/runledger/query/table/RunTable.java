package io.runledger.query.table;

import io.runledger.query.filter.Field;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Some rows of a table of runs, column by column.
 *
 * @param columns the cells of each column from the first row to the last, by the name that was
 *     asked for; a cell is null, a text, a {@link Long}, a {@link Double}, a {@link Boolean} or a
 *     {@link com.fasterxml.jackson.databind.JsonNode}
 * @param rows how many there are
 * @param next where the next page begins; empty when there is none
 */
public record RunTable(Map<String, List<Object>> columns, int rows, Optional<TableCursor> next) {

  /**
   * Which rows and columns.
   *
   * @param columns the fields by the names that their columns get, in order
   * @param order of the rows
   * @param after behind this row
   */
  public record Request(Map<String, Field> columns, RunOrder order, Optional<TableCursor> after) {}
}
