package io.runledger.service.live;

import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.service.stop.LogUnreadableException;
import io.runledger.service.stop.PositionException;
import io.runledger.service.stop.TakenOverException;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which failures end the service, and with which sentence. */
final class FinalFailures {

  private static final Logger LOG = LoggerFactory.getLogger(FinalFailures.class);

  private FinalFailures() {}

  /**
   * Throws what trying again would not change.
   *
   * @throws io.runledger.service.stop.StopException when the failure is such
   */
  static void throwIfFinal(ProjectionLocation database, KafkaException e) {
    if (e instanceof LogTruncationException truncation) {
      throw new PositionException(
          "The log of %s was truncated and rewritten behind the stored positions %s (it diverges at %s). Nothing was changed. Restore the log, or run 'runledger rebuild --db %s --accept-gap'."
              .formatted(
                  truncation.divergentOffsets().keySet(),
                  truncation.offsetOutOfRangePartitions(),
                  truncation.divergentOffsets(),
                  database));
    }
    if (e instanceof FencedInstanceIdException) {
      throw takenOver(database, e);
    }
    if (e instanceof AuthorizationException || e instanceof AuthenticationException) {
      throw new LogUnreadableException(
          "The brokers refuse this service: " + e.getMessage() + " Check its permissions.", e);
    }
    if (e instanceof InvalidOffsetException) {
      // Comparing the positions with the log again finds out why, or finds nothing wrong any more.
      LOG.warn("{}", e.getMessage());
    }
  }

  static TakenOverException takenOver(ProjectionLocation database, RuntimeException cause) {
    return new TakenOverException(
        "Another writer has taken over %s (%s); this one is stopping. The current batch was not written."
            .formatted(database, cause.getMessage()),
        cause);
  }
}
