package io.runledger.imports.lines;

/**
 * What a writer of an imported attempt reports, in the order in which later words override earlier
 * ones. The order is part of the identity of what was imported.
 */
enum WriterRank {
  START(1),
  CONFIG(2),
  PENDING(3),
  RUNNING(4),
  TIMEOUT(5),
  FAILED(6),
  COMPLETED(7),
  ANNOTATION(8),
  ARTIFACT(9),
  RESULTS(10),
  ERROR(11),
  METRICS(12);

  private final long bits;

  WriterRank(long bits) {
    this.bits = bits;
  }

  /** 1 to 12: four bits. */
  long bits() {
    return bits;
  }
}
