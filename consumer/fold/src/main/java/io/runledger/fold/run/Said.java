package io.runledger.fold.run;

import io.runledger.fold.EventKey;
import io.runledger.schemas.StatusSource;
import java.util.Comparator;
import java.util.Optional;

/**
 * A value, and the start that brought it: of several starts of one attempt the same one counts, in
 * whatever order they arrive.
 *
 * @param source who started it, null for a job of an earlier version of the wire
 * @param writerId the writer of the start
 * @param seq its number in the stream of that writer
 * @param value what it said
 */
public record Said<T>(String source, long writerId, long seq, T value) {

  private static final Comparator<Said<?>> BY_EVENT =
      Comparator.<Said<?>>comparingLong(Said::writerId).thenComparingLong(Said::seq);

  /** The job's report overrides the wrapper's; of one source, the later one counts. */
  static final Comparator<Said<?>> BY_WEIGHT =
      Comparator.<Said<?>, Boolean>comparing(
              said -> !StatusSource.WRAPPER.word().equals(said.source))
          .thenComparing(BY_EVENT);

  /** What an event says. */
  public static <T> Said<T> by(EventKey key, String source, T value) {
    return new Said<>(source, key.stream().writerId(), key.seq(), value);
  }

  /** The one that came first by writer and seq. */
  static <T> Optional<Said<T>> first(Optional<Said<T>> known, Said<T> said) {
    return known.filter(one -> BY_EVENT.compare(one, said) <= 0).or(() -> Optional.of(said));
  }

  /** The one that came last by writer and seq. */
  static <T> Optional<Said<T>> last(Optional<Said<T>> known, Said<T> said) {
    return known.filter(one -> BY_EVENT.compare(one, said) >= 0).or(() -> Optional.of(said));
  }

  /** The one that weighs most. */
  static <T> Optional<Said<T>> strongest(Optional<Said<T>> known, Said<T> said) {
    return known.filter(one -> BY_WEIGHT.compare(one, said) >= 0).or(() -> Optional.of(said));
  }
}
