package io.runledger.fold.apply;

import io.runledger.fold.PoisonException;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.store.RefusedDataException;
import io.runledger.schemas.event.MetricsLogged;
import java.util.ArrayList;
import java.util.List;

/**
 * Folds a record of metrics of which some row cannot be stored: all other rows count. Halves the
 * record until the bad rows are isolated, so that one among many thousands costs a dozen tries.
 */
final class RowsApart {

  /** Of a record with more bad rows the rest is not tried: others wait behind it. */
  private static final int MOST_BAD = 1_000;

  private static final int MOST_TOLD = 20;

  /** Folds some rows, all of them or none. */
  interface Part {
    BatchResult fold(MetricsLogged part);
  }

  private final MetricsLogged record;
  private final Part part;
  private final List<String> bad = new ArrayList<>();
  private BatchResult good = BatchResult.NOTHING;
  private int badRows;
  private String why = "";

  RowsApart(MetricsLogged record, Part part) {
    this.record = record;
    this.part = part;
  }

  /**
   * How many rows were new, when all could be stored after all.
   *
   * @throws PoisonException when some could not; says which, by their index in the record
   */
  BatchResult fold() {
    int rows = record.getRows().size();
    fold(0, rows / 2);
    fold(rows / 2, rows);
    if (badRows == 0) {
      return good;
    }
    String more = badRows > bad.size() ? " and " + (badRows - bad.size()) + " more" : "";
    throw new PoisonException(
        "unstorable rows",
        "%d of its %d rows cannot be applied; the others were. Rows that cannot, counted from 0: %s%s. %s"
            .formatted(badRows, rows, String.join(", ", bad), more, why),
        good);
  }

  private void fold(int from, int to) {
    if (badRows >= MOST_BAD) {
      badRows += to - from;
      return;
    }
    try {
      good = good.plus(part.fold(rows(from, to)));
    } catch (RefusedDataException e) {
      if (to - from > 1) {
        int middle = (from + to) >>> 1;
        fold(from, middle);
        fold(middle, to);
        return;
      }
      badRows++;
      if (bad.size() < MOST_TOLD) {
        bad.add(Integer.toString(from));
      }
      why = why.isEmpty() ? e.poison().getMessage() : why;
    }
  }

  private MetricsLogged rows(int from, int to) {
    return new MetricsLogged(
        record.getRunId(),
        record.getAttemptId(),
        record.getWriterId(),
        record.getFirstSeq() + from,
        record.getRows().subList(from, to));
  }
}
