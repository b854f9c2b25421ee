package io.runledger.query.format;

import io.runledger.config.Printable;
import io.runledger.query.metrics.LastValue;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.runs.Run;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** A run's cells in tables. */
public final class RunCells {

  /** Names that a job's main loss goes by, the most telling first. */
  private static final List<String> MAIN_LOSSES = List.of("val/loss", "loss", "train/loss");

  private RunCells() {}

  /** The name, a dash where there is none, and quotes where it would look like that. */
  public static String name(Optional<String> name) {
    return name.map(Printable::name).orElse("-");
  }

  /**
   * The status with what distinguishes it: {@code failed (exit 1)}, {@code failed (OUT_OF_MEMORY)},
   * {@code completed (2 attempts)}, {@code running (silent 3h05m)}.
   */
  public static String status(Run run) {
    Instant now = Instant.now();
    List<String> more = new ArrayList<>();
    boolean telling = run.status() == RunStatus.FAILED || run.status() == RunStatus.TIMEOUT;
    OptionalInt exit = run.exitCode();
    Optional<String> schedulers = schedulersWord(run);
    if (schedulers.isPresent()) {
      more.add(Printable.line(schedulers.get()));
    } else if (telling && exit.isPresent() && exit.getAsInt() != 0) {
      more.add("exit " + exit.getAsInt());
    }
    Optional<Instant> silentSince = run.silentSince(now);
    if (silentSince.isPresent()) {
      more.add("silent " + Numbers.between(silentSince, Optional.of(now)));
    }
    if (run.attempts() > 1) {
      more.add(run.attempts() + " attempts");
    }
    return run.status().word() + (more.isEmpty() ? "" : " (" + String.join(", ", more) + ")");
  }

  /** How long it took; for a run still going, how long it has been running. */
  public static String took(Run run, Instant now) {
    return Numbers.between(
        run.startedAt(), run.status().isEnd() ? run.finishedAt() : Optional.of(now));
  }

  /** Seconds since then; empty for a run that ended. */
  public static OptionalLong age(Run run, Optional<Instant> at, Instant now) {
    return run.status().isEnd() || at.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Duration.between(at.get(), now).toSeconds());
  }

  /** How far it is: a step, or {@code epoch 3} where none was given. */
  public static String step(LastValue last) {
    if (last.step().isPresent()) {
      return Long.toString(last.step().getAsLong());
    }
    return last.epoch().isPresent() ? "epoch " + Numbers.epoch(last.epoch().getAsDouble()) : "-";
  }

  /** SLURM's state word where it says more than the status. */
  private static Optional<String> schedulersWord(Run run) {
    return run.statusSource().equals(Optional.of(StatusSource.SCHEDULER))
        ? run.statusReason()
            .filter(reason -> reason.matches("[A-Z_]+"))
            .filter(word -> !word.equalsIgnoreCase(run.status().word()))
        : Optional.empty();
  }

  /** The metric that best shows how a run is doing: its loss. */
  public static Optional<MetricSummary> mainLoss(List<MetricSummary> metrics) {
    for (String name : MAIN_LOSSES) {
      Optional<MetricSummary> found =
          metrics.stream().filter(metric -> metric.name().equals(name)).findFirst();
      if (found.isPresent()) {
        return found;
      }
    }
    return metrics.stream()
        .filter(metric -> metric.name().contains("loss"))
        .min(
            Comparator.comparingInt((MetricSummary metric) -> metric.name().length())
                .thenComparing(MetricSummary::name));
  }

  /** What a reader of its numbers must know: missing events, drift, metrics that ended in NaN. */
  public static String remarks(Run run, List<MetricSummary> metrics) {
    List<String> remarks = new ArrayList<>();
    List<String> nan =
        metrics.stream()
            .filter(metric -> Double.isNaN(metric.last().value()))
            .map(MetricSummary::name)
            .toList();
    if (!nan.isEmpty()) {
      remarks.add(
          Printable.name(nan.get(0))
              + " is NaN"
              + (nan.size() > 1 ? " (+" + (nan.size() - 1) + ")" : ""));
    }
    if (run.missingEvents() > 0) {
      remarks.add(run.missingEvents() + " missing");
    }
    if (run.droppedEvents() > 0) {
      remarks.add(run.droppedEvents() + " dropped");
    }
    if (run.configDrift()) {
      remarks.add("config drift");
    }
    return String.join(", ", remarks);
  }

  /** A value and where, shortly: {@code 0.12 @ step 300}, or the epoch where no step was given. */
  public static String at(MetricSummary.Mark mark) {
    String value = Numbers.sixDigits(mark.value());
    if (mark.step().isPresent()) {
      return value + " @ step " + mark.step().getAsLong();
    }
    return mark.epoch().isPresent()
        ? value + " @ epoch " + Numbers.epoch(mark.epoch().getAsDouble())
        : value;
  }

  /** A value and where: {@code 0.12 @ epoch 3, step 300}. */
  public static String atEpochAndStep(MetricSummary.Mark mark) {
    List<String> where = new ArrayList<>();
    mark.epoch().ifPresent(epoch -> where.add("epoch " + Numbers.epoch(epoch)));
    mark.step().ifPresent(step -> where.add("step " + step));
    String value = Numbers.sixDigits(mark.value());
    return where.isEmpty() ? value : value + " @ " + String.join(", ", where);
  }
}
