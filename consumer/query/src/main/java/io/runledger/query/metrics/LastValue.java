package io.runledger.query.metrics;

import java.time.Instant;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The last value that a run logged, of whatever metric: how far it is, and when it was last heard
 * of. Of several attempts it is that of the newest one that logged any. One of {@link
 * SystemMetrics} only where the attempt logged nothing else: a sampler continues while a training
 * hangs.
 *
 * @param metric the metric; of several that were logged together, one of the highest step
 * @param step its step, if one was given
 * @param epoch its epoch, if one was given
 * @param at when it was logged, by the job's clock
 */
public record LastValue(String metric, OptionalLong step, OptionalDouble epoch, Instant at) {}
