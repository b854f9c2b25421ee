package io.runledger.query.sql;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Rows in the order of their keys, of which a page is in memory at a time. A page is read when its
 * first row is wanted and begins behind the last row of the one before, so nothing of the database
 * is held between two of them.
 */
public final class Pages<T> implements Iterator<T> {

  /** Reads a page. */
  public interface Source<T> {

    /** The rows after the last one that was read; none when there are no more. */
    List<T> after(Optional<T> last);
  }

  private final Source<T> source;
  private Optional<T> last = Optional.empty();
  private Iterator<T> page = List.<T>of().iterator();
  private boolean ended;

  public Pages(Source<T> source) {
    this.source = source;
  }

  @Override
  public boolean hasNext() {
    if (!page.hasNext() && !ended) {
      page = source.after(last).iterator();
      ended = !page.hasNext();
    }
    return page.hasNext();
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    T row = page.next();
    last = Optional.of(row);
    return row;
  }
}
