package io.runledger.service.deadletters;

import io.runledger.fold.batch.DeadLetter;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.serde.registry.RegistryUnavailableException;
import io.runledger.service.database.LiveProjection;
import io.runledger.service.log.BatchDecoder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what operators want done with dead letters, in the process that writes the database.
 * Not thread-safe.
 */
public final class DeadLetterHandler implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterHandler.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  private final OperatorRequests requests;
  private final LiveProjection projection;
  private final LetterDecoder decoder;
  private final Predicate<Optional<DeadLetter>> isOurs;
  private final InstantSource clock;
  private Instant nextLook = Instant.EPOCH;

  /** Of the only writer of a database. */
  public DeadLetterHandler(
      ProjectionLocation database,
      LiveProjection projection,
      LetterDecoder decoder,
      InstantSource clock) {
    this(database, projection, decoder, letter -> true, clock);
  }

  /**
   * Of one of several writers.
   *
   * @param isOurs whether a request is this writer's to carry out, by its letter; empty when there
   *     is no such letter
   */
  public DeadLetterHandler(
      ProjectionLocation database,
      LiveProjection projection,
      LetterDecoder decoder,
      Predicate<Optional<DeadLetter>> isOurs,
      InstantSource clock) {
    this.isOurs = isOurs;
    this.requests = new OperatorRequests(database);
    this.projection = projection;
    this.decoder = decoder;
    this.clock = clock;
  }

  /** Carries out what waits in the requests, if it is time to look. */
  public void serve() {
    Instant now = clock.instant();
    if (now.isBefore(nextLook)) {
      return;
    }
    nextLook = now.plus(BETWEEN_LOOKS);
    for (DeadLetterRequest request : requests.waiting()) {
      if (isOurs.test(projection.deadLetter(request.id()))) {
        DeadLetters.Outcome outcome = carryOut(request);
        LOG.info("{}", outcome.sentence());
        requests.done(request, outcome);
      }
    }
  }

  /** Has requests be looked for in the generation that is in use by now. */
  public void reopen() {
    requests.close();
  }

  @Override
  public void close() {
    requests.close();
  }

  /** Carries out one request. */
  DeadLetters.Outcome carryOut(DeadLetterRequest request) {
    Optional<DeadLetter> found = projection.deadLetter(request.id());
    if (found.isEmpty()) {
      return new DeadLetters.Outcome(false, "There is no dead letter " + request.id() + ".");
    }
    DeadLetter letter = found.get();
    if (!letter.state().equals("waiting")) {
      return new DeadLetters.Outcome(
          false, "Dead letter %d was already %s.".formatted(letter.id(), letter.state()));
    }
    if (request instanceof DeadLetterRequest.Dismiss dismiss) {
      projection.dismiss(dismiss.id(), dismiss.reason(), clock.instant());
      return new DeadLetters.Outcome(
          true, "Dead letter %d is dismissed; its bytes are kept.".formatted(letter.id()));
    }
    return retry(letter);
  }

  private DeadLetters.Outcome retry(DeadLetter letter) {
    Decoded decoded;
    try {
      decoded =
          isSettled(letter)
              ? new Decoded.Malformed(letter.reason(), letter.detail())
              : decoder.decode(letter.source().topic(), letter.value());
    } catch (RegistryUnavailableException e) {
      return new DeadLetters.Outcome(
          false, "Dead letter %d cannot be retried now: %s".formatted(letter.id(), e.getMessage()));
    }
    return projection
        .retry(letter, decoded, clock.instant())
        .map(
            why ->
                new DeadLetters.Outcome(
                    false,
                    "Dead letter %d still cannot be applied: %s".formatted(letter.id(), why)))
        .orElseGet(
            () ->
                new DeadLetters.Outcome(true, "Dead letter %d is applied.".formatted(letter.id())));
  }

  /** Whether nothing but the log can say anything new of it: its value is a line, or not here. */
  private static boolean isSettled(DeadLetter letter) {
    return letter.reason().equals(BatchDecoder.BAD_LINE)
        || (letter.reason().equals(BatchDecoder.TOO_LARGE) && letter.value().isEmpty());
  }
}
