package io.runledger.query.metrics;

import java.time.Instant;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SortedMap;

/**
 * All values of one log call: a row of the view run_metrics, with every metric that was logged.
 *
 * @param attemptId the attempt that logged it
 * @param writerId the writer that logged it
 * @param seq number of the log call in its stream
 * @param step step, if one was given
 * @param epoch epoch, if one was given; whole or a fraction
 * @param elapsedSeconds seconds since the start of the attempt: as logged, else by the job's clock
 * @param at when, by the job's clock
 * @param values values by metric; what is absent was not logged in this call
 */
public record LogCall(
    long attemptId,
    long writerId,
    long seq,
    OptionalLong step,
    OptionalDouble epoch,
    OptionalDouble elapsedSeconds,
    Instant at,
    SortedMap<String, Double> values) {}
