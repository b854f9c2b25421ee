package io.runledger.projection;

/**
 * What became of a batch.
 *
 * @param applied events that were new; each log call of a metrics record counts
 * @param duplicates events that were there already
 * @param deadLetters records that were put aside
 */
public record BatchResult(long applied, long duplicates, long deadLetters) {}
