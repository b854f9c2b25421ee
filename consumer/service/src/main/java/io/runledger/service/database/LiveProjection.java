package io.runledger.service.database;

import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.batch.DeadLetter;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.service.log.WriterSchemas;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The generation that the database's link points to, open for writing. After an error the file is
 * closed, never written again through the same connection, and reopened by {@link #reopen()}: only
 * what a fresh connection reads says how a failed commit ended. Thread-safe: what is asked while a
 * batch is applied waits for its end.
 */
public final class LiveProjection implements WriterSchemas.SchemaCache, AutoCloseable {

  private final ProjectionLocation database;
  private Optional<Projection> open;

  private LiveProjection(ProjectionLocation database, Projection open) {
    this.database = database;
    this.open = Optional.of(open);
  }

  /** Opens the database, and takes the lock that makes this process its writer. */
  public static LiveProjection open(ProjectionLocation database) {
    return new LiveProjection(database, database.open());
  }

  /** Whether a rebuild has put another generation in place of the open one. */
  public boolean isSuperseded() {
    return !ask(Projection::isCurrent);
  }

  /** Makes sure that the newest generation is open. */
  public synchronized void reopen() {
    if (open.isPresent() && isSuperseded()) {
      close();
    }
    if (open.isEmpty()) {
      open = Optional.of(database.open());
    }
  }

  public List<Position> positions() {
    return ask(Projection::positions);
  }

  /** Claims all partitions for {@code owner} and returns their current positions. */
  public List<Position> claim(String owner, List<Position> initial) {
    return ask(
        projection -> {
          projection.claim(owner, initial);
          return projection.positions();
        });
  }

  /** Adds positions that came after the claim. */
  public void addPositions(List<Position> added) {
    ask(
        projection -> {
          projection.addPositions(added);
          return projection;
        });
  }

  /** Notes that offsets are gone; moves no position. */
  public void recordGap(Position at, long from, long to, String reason) {
    ask(
        projection -> {
          projection.recordGap(at, from, to, reason);
          return projection;
        });
  }

  /** What is written now, as people call it. */
  public String name() {
    return ask(Projection::name);
  }

  /** Length of the write-ahead log, in bytes. */
  public long writeAheadLogBytes() {
    return ask(Projection::writeAheadLogBytes);
  }

  /** Empties the write-ahead log unless a reader needs it. */
  public void emptyWriteAheadLogIfUnread() {
    ask(
        projection -> {
          projection.emptyWriteAheadLogIfUnread();
          return projection;
        });
  }

  public BatchResult apply(Batch batch) {
    return ask(projection -> projection.apply(batch));
  }

  /** How many gaps of the log were accepted. */
  public long gaps() {
    return ask(Projection::gaps);
  }

  public Optional<DeadLetter> deadLetter(long id) {
    return ask(projection -> projection.deadLetter(id));
  }

  public Optional<String> retry(DeadLetter letter, Decoded decoded, Instant now) {
    return ask(projection -> projection.retry(letter, decoded, now));
  }

  public boolean dismiss(long id, String reason, Instant now) {
    return ask(projection -> projection.dismiss(id, reason, now));
  }

  @Override
  public Optional<String> schema(int id) {
    return ask(projection -> projection.schema(id));
  }

  @Override
  public void remember(int id, String schema) {
    ask(
        projection -> {
          projection.rememberSchema(id, schema);
          return id;
        });
  }

  private synchronized <T> T ask(Function<Projection, T> question) {
    Projection projection =
        open.orElseThrow(
            () ->
                new ProjectionUnavailableException(
                    "The database %s was closed after an error; it is being reopened."
                        .formatted(database)));
    try {
      return question.apply(projection);
    } catch (ProjectionUnavailableException | ProjectionDamagedException e) {
      close();
      throw e;
    }
  }

  @Override
  public synchronized void close() {
    Optional<Projection> closing = open;
    open = Optional.empty();
    closing.ifPresent(Projection::close);
  }
}
