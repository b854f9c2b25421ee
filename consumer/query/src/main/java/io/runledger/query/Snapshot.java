package io.runledger.query;

import io.runledger.query.connection.LedgerSource;
import io.runledger.query.connection.Moment;
import io.runledger.query.failure.LedgerUnavailableException;
import java.time.Duration;

/**
 * The ledger as it was at the moment when {@link Ledger#snapshot} was called, whatever is written
 * meanwhile, and on the generation of that moment when a rebuild swaps the file.
 *
 * <p>Close it soon: while it is open, the service cannot shorten the write-ahead log of its
 * database. A question that comes after {@link #LONGEST} ends it and throws {@link
 * LedgerUnavailableException}, and none runs longer than until then. One that is neither asked nor
 * closed holds the log until its process ends; the service's health reports it by {@code
 * wal.alarm.bytes}. What takes longer, such as the export of all points, reads the {@link Ledger}
 * itself page by page, or a copy that {@code runledger backup} makes.
 *
 * <p>Thread-safe: it has one connection, so calls of several threads wait for one another.
 */
public final class Snapshot extends LedgerReader {

  /** Longer than a page of a run, a report or an answer over HTTP takes to be read. */
  public static final Duration LONGEST = Duration.ofSeconds(30);

  private final LedgerSource source;
  private final Moment moment;

  Snapshot(LedgerSource source, Duration longest) {
    this.source = source;
    this.moment = source.hold(longest);
  }

  @Override
  <T> T read(LedgerSource.Reading<T> reading) {
    return moment.read(reading);
  }

  @Override
  LedgerSource source() {
    return source;
  }

  /** Gives its connection back to the ledger; a second time does nothing. */
  @Override
  public void close() {
    moment.close();
  }
}
