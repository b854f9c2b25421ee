package io.runledger.query.sql;

import io.runledger.query.connection.LedgerSource;
import io.runledger.query.runs.ErrorFilter;
import io.runledger.query.runs.RunError;
import io.runledger.query.sql.ErrorQueries.Keyed;
import io.runledger.query.sql.ErrorQueries.KeyedEnd;
import io.runledger.schemas.RunId;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Errors, newest first, a page of them in memory at a time. Of one run, what is newer is what a
 * later attempt said; between runs there are only clocks.
 */
public final class ErrorPages {

  /** Tracebacks may have a hundred kilobytes each. */
  private static final int PAGE = 100;

  /** Unknown times go last, as the statements have them. */
  private static final Comparator<RunError> BY_TIME =
      Comparator.comparing((RunError error) -> error.at().orElse(Instant.MIN))
          .thenComparing(RunError::attemptId);

  /** Reads as of one moment, another one each time. */
  public interface Reader {
    <T> T read(LedgerSource.Reading<T> reading);
  }

  private final Reader reader;
  private final ErrorFilter filter;
  private final int page;

  public ErrorPages(Reader reader, ErrorFilter filter) {
    this.reader = reader;
    this.filter = filter;
    this.page = Math.min(filter.limit(), PAGE);
  }

  /** Visits what matches the filter; of each run's last error the ids of the runs are kept. */
  public void forEach(Consumer<RunError> visitor) {
    Stream<RunError> errors = filter.run().map(this::of).orElseGet(this::ofAll);
    if (filter.lastOfEachRun()) {
      Set<RunId> seen = new HashSet<>();
      errors = errors.filter(error -> seen.add(error.runId()));
    }
    errors.limit(filter.limit()).forEach(visitor);
  }

  private Stream<RunError> ofAll() {
    return stream(
        new Merged(
            new Pages<Keyed>(
                last -> reader.read(handle -> ErrorQueries.logged(handle, filter, last, page))),
            new Pages<KeyedEnd>(
                last -> reader.read(handle -> ErrorQueries.ended(handle, filter, last, page)))));
  }

  private Stream<RunError> of(RunId run) {
    List<Long> attempts =
        reader.read(
            handle -> {
              RunQueries.existing(handle, run);
              return ErrorQueries.attemptsNewestFirst(handle, run);
            });
    return attempts.stream().flatMap(attempt -> of(run, attempt));
  }

  /** Either errors, or at most one end. */
  private Stream<RunError> of(RunId run, long attempt) {
    Pages<Keyed> logged =
        new Pages<>(
            last ->
                reader.read(
                    handle -> ErrorQueries.logged(handle, run, attempt, filter, last, page)));
    return logged.hasNext()
        ? stream(logged).map(Keyed::error)
        : reader.read(handle -> ErrorQueries.end(handle, run, attempt, filter)).stream();
  }

  private static <T> Stream<T> stream(Iterator<T> rows) {
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(rows, 0), false);
  }

  /** What was logged and what ended, newest first. */
  private static final class Merged implements Iterator<RunError> {

    private final Iterator<Keyed> logged;
    private final Iterator<KeyedEnd> ended;
    private Optional<RunError> nextLogged = Optional.empty();
    private Optional<RunError> nextEnded = Optional.empty();

    Merged(Iterator<Keyed> logged, Iterator<KeyedEnd> ended) {
      this.logged = logged;
      this.ended = ended;
    }

    @Override
    public boolean hasNext() {
      if (nextLogged.isEmpty() && logged.hasNext()) {
        nextLogged = Optional.of(logged.next().error());
      }
      if (nextEnded.isEmpty() && ended.hasNext()) {
        nextEnded = Optional.of(ended.next().error());
      }
      return nextLogged.isPresent() || nextEnded.isPresent();
    }

    @Override
    public RunError next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      boolean takesLogged =
          nextEnded.isEmpty()
              || nextLogged
                  .filter(error -> BY_TIME.compare(error, nextEnded.get()) >= 0)
                  .isPresent();
      Optional<RunError> taken = takesLogged ? nextLogged : nextEnded;
      nextLogged = takesLogged ? Optional.empty() : nextLogged;
      nextEnded = takesLogged ? nextEnded : Optional.empty();
      return taken.orElseThrow();
    }
  }
}
