package io.runledger.query.table;

import io.runledger.query.runs.RunCursor;
import java.util.Optional;

/**
 * The place of a row in an order: the next page begins after it, also when its run has another
 * value by then.
 *
 * @param value what the row was ordered by: a text or a number; empty where it had none
 * @param run its place among equal values
 */
public record TableCursor(Optional<Object> value, RunCursor run) {}
