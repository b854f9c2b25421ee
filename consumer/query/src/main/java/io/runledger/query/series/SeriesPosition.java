package io.runledger.query.series;

import io.runledger.schemas.RunId;

/**
 * How much of a line somebody has, such that its tail can be asked for. If a point was added,
 * removed or superseded before that place, the position no longer matches, and the line is given as
 * a whole.
 *
 * @param run the run
 * @param metric the metric
 * @param before how many points stand in the parts of the line before the last one
 * @param attemptId attempt of the last part
 * @param writerId writer of the last part
 * @param count how many points of the last part are included
 * @param lastSeq number of the last log call that is included
 */
public record SeriesPosition(
    RunId run,
    String metric,
    long before,
    long attemptId,
    long writerId,
    long count,
    long lastSeq) {}
