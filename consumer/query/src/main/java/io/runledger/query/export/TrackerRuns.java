package io.runledger.query.export;

import io.runledger.config.Counted;
import io.runledger.query.Ledger;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.tracker.ExportedRun;
import io.runledger.query.tracker.TrackerExport;
import io.runledger.query.tracker.TrackerExport.Outcome;
import io.runledger.query.tracker.TrackerKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Exports runs to another tracker, oldest first, and counts what became of them. */
final class TrackerRuns {

  private final Ledger ledger;
  private final Progress progress;
  private final Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);

  TrackerRuns(Ledger ledger, Progress progress) {
    this.ledger = ledger;
    this.progress = progress;
  }

  /**
   * Exports the runs that were chosen.
   *
   * @param python the Python that has the tracker's package
   * @param words receives sentences about what was done
   * @throws IOException when it ended early; its message is a sentence
   */
  void export(
      RunFilter chosen, TrackerKind kind, String target, String python, Consumer<String> words)
      throws IOException {
    List<Run> runs = new ArrayList<>();
    ledger.forEachRun(chosen, runs::add);
    TrackerExport export = TrackerExport.open(kind, target, python);
    try (export) {
      for (int i = runs.size() - 1; i >= 0; i--) {
        export(export, runs.get(i));
      }
    } catch (IOException | UncheckedIOException e) {
      if (!counts.isEmpty()) {
        progress.end();
        words.accept(told(kind, target) + " Run the command again to continue.");
      }
      throw e;
    }
    progress.end();
    words.accept(told(kind, target));
    export.remarks().forEach(words);
  }

  private void export(TrackerExport export, Run run) throws IOException {
    try {
      counts.merge(export.export(ledger, ExportedRun.of(ledger, run)), 1L, Long::sum);
    } catch (RunNotFoundException deletedMeanwhile) {
      // As if it had been deleted a moment before.
    }
    progress.run();
  }

  private String told(TrackerKind kind, String target) {
    return "%s added to %s (%s), %,d updated, %,d there already or left out."
        .formatted(
            Counted.of(counts.getOrDefault(Outcome.ADDED, 0L), "run"),
            target,
            kind.word(),
            counts.getOrDefault(Outcome.UPDATED, 0L),
            counts.getOrDefault(Outcome.PRESENT, 0L));
  }
}
