package io.runledger.query.runs;

import io.runledger.query.filter.Value;
import io.runledger.schemas.RunId;
import java.util.List;
import java.util.Optional;

/**
 * Some values of a run.
 *
 * @param values one for each field that was asked for; empty where there is none
 * @param cursor its place in the order that was asked for, for {@link RunFilter#after}
 */
public record RunRow(RunId run, List<Optional<Value>> values, RunCursor cursor) {

  public RunRow {
    values = List.copyOf(values);
  }
}
