package io.runledger.query.sql;

import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunComparison;
import io.runledger.query.runs.RunComparison.ComparedMetric;
import io.runledger.query.runs.RunComparison.ComparedRun;
import io.runledger.query.runs.RunComparison.ConfigDifference;
import io.runledger.schemas.RunId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/** Puts runs side by side. */
public final class Comparison {

  private Comparison() {}

  public static RunComparison of(Handle handle, List<RunId> ids, Optimum forOthers) {
    Set<RunId> distinct = new LinkedHashSet<>(ids);
    Map<RunId, Run> found = RunQueries.some(handle, distinct);
    Map<RunId, List<MetricSummary>> summaries = MetricQueries.summaries(handle, distinct);
    Map<RunId, Long> epochs = MetricQueries.totalEpochs(handle, distinct);
    List<ComparedRun> runs = new ArrayList<>();
    for (RunId id : distinct) {
      if (!found.containsKey(id)) {
        throw RunQueries.notFound(id);
      }
      SortedMap<String, ComparedMetric> metrics = new TreeMap<>();
      for (MetricSummary summary : summaries.getOrDefault(id, List.of())) {
        Optimum optimum = Optimum.looksLikeLoss(summary.name()) ? Optimum.MIN : forOthers;
        metrics.put(
            summary.name(), new ComparedMetric(optimum, summary.last(), summary.best(optimum)));
      }
      OptionalLong total =
          epochs.containsKey(id) ? OptionalLong.of(epochs.get(id)) : OptionalLong.empty();
      runs.add(new ComparedRun(found.get(id), total, metrics));
    }
    return new RunComparison(List.copyOf(runs), differences(runs));
  }

  private static List<ConfigDifference> differences(List<ComparedRun> runs) {
    List<SortedMap<String, String>> flat =
        runs.stream().map(run -> FlatConfiguration.of(run.run().config())).toList();
    Set<String> paths = new TreeSet<>();
    flat.forEach(configuration -> paths.addAll(configuration.keySet()));
    List<ConfigDifference> differences = new ArrayList<>();
    for (String path : paths) {
      List<Optional<String>> values =
          flat.stream().map(configuration -> Optional.ofNullable(configuration.get(path))).toList();
      if (values.stream().distinct().count() > 1) {
        differences.add(new ConfigDifference(path, values));
      }
    }
    return List.copyOf(differences);
  }
}
