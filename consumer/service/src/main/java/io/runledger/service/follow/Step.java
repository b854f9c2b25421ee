package io.runledger.service.follow;

import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What one transaction applies.
 *
 * @param fresh positions to be added before it, of files that were not known
 * @param lost what files no longer hold that were shortened
 */
record Step(Batch batch, List<Position> fresh, List<Lost> lost) {

  /** Bytes that a file no longer holds. */
  record Lost(Position at, long from, long to, String why) {}

  /** Collects what was read until it is enough. Not thread-safe. */
  static final class Builder {

    /** Of one transaction: well under a second of writing. */
    private static final long MOST_BYTES = 1 << 20;

    private final List<IncomingRecord> records = new ArrayList<>();
    private final List<Advance> advances = new ArrayList<>();
    private final List<Position> fresh = new ArrayList<>();
    private final List<Lost> lost = new ArrayList<>();
    private long bytes;

    boolean isFull() {
      return bytes >= MOST_BYTES;
    }

    void begin(Position position) {
      fresh.add(position);
    }

    void lose(Lost missing) {
      lost.add(missing);
    }

    /**
     * Adds what was read of one file, each of which is read once a step.
     *
     * @param end where the reading ended, which is before {@code from} in a file that was shortened
     */
    void read(Position from, List<IncomingRecord> found, long end) {
      records.addAll(found);
      advances.add(new Advance(from, from.at(end, OptionalInt.empty())));
      bytes += Math.max(1, end - from.nextOffset());
    }

    /** The step; empty when nothing was read. */
    Optional<Step> build() {
      return advances.isEmpty()
          ? Optional.empty()
          : Optional.of(new Step(new Batch(records, List.copyOf(advances)), fresh, lost));
    }
  }
}
