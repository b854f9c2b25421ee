package io.runledger.fold.batch;

import java.util.List;

/**
 * What one transaction applies.
 *
 * @param records the records, those of one partition in the order of their offsets
 * @param advances the step of each partition that the batch was read from; every record belongs to
 *     one of them, or nothing would fence it
 */
public record Batch(List<IncomingRecord> records, List<Advance> advances) {

  /**
   * @throws IllegalArgumentException when a record comes from a partition without a step
   */
  public Batch {
    records = List.copyOf(records);
    advances = List.copyOf(advances);
    Source last = null;
    for (IncomingRecord incoming : records) {
      Source source = incoming.source();
      // Records of one partition mostly follow each other.
      if (last == null || !samePartition(last, source)) {
        stepOf(source, advances);
        last = source;
      }
    }
  }

  /** The step of the partition that a record of this batch came from. */
  public Advance stepOf(Source source) {
    return stepOf(source, advances);
  }

  private static Advance stepOf(Source source, List<Advance> advances) {
    for (Advance advance : advances) {
      if (advance.from().partition() == source.partition()
          && advance.from().topic().equals(source.topic())) {
        return advance;
      }
    }
    throw new IllegalArgumentException(
        "The batch has record " + source + " but no step for its partition.");
  }

  private static boolean samePartition(Source one, Source other) {
    return one.partition() == other.partition() && one.topic().equals(other.topic());
  }
}
