package io.runledger.query.metrics;

import java.time.Instant;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * One logged value.
 *
 * @param metric name of the metric
 * @param attemptId the attempt that logged it
 * @param writerId the writer that logged it
 * @param seq number of the log call in its stream
 * @param step step, if one was given
 * @param epoch epoch, if one was given; whole or a fraction
 * @param elapsedSeconds seconds since the start of the attempt: as logged, else by the job's clock
 * @param at when, by the job's clock
 * @param value the value: any double, NaN, infinities and minus zero included
 */
public record MetricPoint(
    String metric,
    long attemptId,
    long writerId,
    long seq,
    OptionalLong step,
    OptionalDouble epoch,
    OptionalDouble elapsedSeconds,
    Instant at,
    double value) {}
