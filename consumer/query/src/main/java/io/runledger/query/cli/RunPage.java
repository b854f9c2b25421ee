package io.runledger.query.cli;

import io.runledger.query.LedgerReader;
import io.runledger.query.metrics.Curve;
import io.runledger.query.runs.RunDetails;
import io.runledger.schemas.RunId;
import java.time.Instant;
import java.util.Map;

/**
 * What the page of one run shows, in whatever form.
 *
 * @param details all that is known of it but its points
 * @param curves those of its first metrics by name
 * @param readAt when it was read, by this machine's clock: the ages on the page are as of then
 */
record RunPage(RunDetails details, Map<String, Curve> curves, Instant readAt) {

  static final int METRICS_DRAWN = 100;

  private static final int CURVE_WIDTH = 24;

  /** Reads it; of one moment when the reader is a snapshot. */
  static RunPage of(LedgerReader reader, RunId run) {
    return new RunPage(
        reader.details(run), reader.curves(run, METRICS_DRAWN, CURVE_WIDTH), Instant.now());
  }
}
