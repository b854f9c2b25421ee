package io.runledger.fold.batch;

/**
 * What became of a batch, or of several.
 *
 * @param applied events that were new; each log call of a metrics record counts
 * @param points values of metrics in them
 * @param duplicates events that were there already
 * @param deadLetters records that were quarantined
 */
public record BatchResult(long applied, long points, long duplicates, long deadLetters) {

  /** Of no batch at all. */
  public static final BatchResult NOTHING = new BatchResult(0, 0, 0, 0);

  /** Of both together. */
  public BatchResult plus(BatchResult other) {
    return new BatchResult(
        applied + other.applied,
        points + other.points,
        duplicates + other.duplicates,
        deadLetters + other.deadLetters);
  }
}
