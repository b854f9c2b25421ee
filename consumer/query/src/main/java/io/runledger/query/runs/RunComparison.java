package io.runledger.query.runs;

import io.runledger.query.metrics.MetricSummary.Mark;
import io.runledger.query.metrics.Optimum;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;

/**
 * Runs side by side.
 *
 * @param runs the runs, in the order asked for
 * @param differences the configuration's entries in which they differ, by path
 */
public record RunComparison(List<ComparedRun> runs, List<ConfigDifference> differences) {

  /**
   * One of them.
   *
   * @param run the run
   * @param totalEpochs epochs from the first one logged to the last
   * @param metrics by name
   */
  public record ComparedRun(
      Run run, OptionalLong totalEpochs, SortedMap<String, ComparedMetric> metrics) {}

  /**
   * A metric of one run.
   *
   * @param optimum which end counted as best
   * @param last the final value, which may be NaN
   * @param best the best value and its step and epoch; empty when all were NaN
   */
  public record ComparedMetric(Optimum optimum, Mark last, Optional<Mark> best) {}

  /**
   * An entry of the configuration that is not the same in all of them.
   *
   * @param path where it is: model.n_layers, optimizer.betas[0]
   * @param values JSON of the value in each run, in their order; empty where the run has none
   */
  public record ConfigDifference(String path, List<Optional<String>> values) {}
}
