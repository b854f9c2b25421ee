package io.runledger.query.sql.grouped;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.OptionalLong;

/**
 * Points of one series in parts of equal length.
 *
 * @param from the first seq that is meant
 * @param last the last seq that is meant
 * @param parts how many parts; none is shorter than a seq
 * @param cut from which step on a later attempt's points stand for these
 * @param isPlain whether all values are numbers whose sum is one
 */
public record PointSlice(
    long seriesId, long from, long last, int parts, OptionalLong cut, boolean isPlain) {

  /** Its parameters come first. */
  private static final String COUNTED = "(seq * ? + ?) / ?";

  /** The same of seqs whose multiples no long holds; several times as slow. */
  private static final String SEARCHED = "width_bucket(seq, ?) - 1";

  private static final String WHERE = "WHERE series_id = ? AND seq >= ? AND seq <= ?";
  private static final String UNLESS_CUT = " AND (step >= ?) IS NOT TRUE";

  /** The first seq of a part, the first of which is 0. */
  public long start(int part) {
    double length = last + 1.0 - from;
    return from + Math.min(Math.round(length * part / parts), (long) length);
  }

  /** The last seq of a part. */
  public long end(int part) {
    return part == parts - 1 ? last : start(part + 1) - 1;
  }

  /** A statement in which {@code {part}} and {@code {where}} stand once each, in this order. */
  String statement(String text) {
    return text.replace("{part}", isCounted() ? COUNTED : SEARCHED)
        .replace("{where}", cut.isPresent() ? WHERE + UNLESS_CUT : WHERE);
  }

  private boolean isCounted() {
    long longest = Long.MAX_VALUE / 8 / parts;
    return last < longest && from > -longest;
  }

  /** Binds what {@link #statement} put in; returns the number of the next parameter. */
  int bind(Connection connection, PreparedStatement statement) throws SQLException {
    int next = 1;
    if (isCounted()) {
      // The last part whose start, rounded to the nearest, is not behind the seq.
      statement.setLong(next++, 2L * parts);
      statement.setLong(next++, parts * (1 - 2 * from) - 1);
      statement.setLong(next++, 2 * (last - from + 1));
    } else {
      Long[] starts = new Long[parts];
      for (int part = 0; part < parts; part++) {
        starts[part] = start(part);
      }
      statement.setArray(next++, connection.createArrayOf("int8", starts));
    }
    statement.setLong(next++, seriesId);
    statement.setLong(next++, from);
    statement.setLong(next++, last);
    if (cut.isPresent()) {
      statement.setObject(next++, cut.getAsLong(), Types.BIGINT);
    }
    return next;
  }
}
