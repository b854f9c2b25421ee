package io.runledger.query.tracker;

import io.runledger.query.Ledger;
import java.io.IOException;
import java.util.List;

/**
 * Puts runs into another tracker. A run that is there as it is here is left alone, and of one that
 * has changed since what is new is added, so that no run is there twice. Not thread-safe.
 */
public sealed interface TrackerExport extends AutoCloseable
    permits TensorBoardExport, PythonExport {

  /** What became of a run. */
  enum Outcome {
    /** It was not there. */
    ADDED,
    /** It was there, and what was new of it was added. */
    UPDATED,
    /** All of it was there. */
    PRESENT
  }

  /**
   * Begins an export.
   *
   * @param target a URL, or a directory, as the kind has it
   * @param python the Python that has the tracker's package
   * @throws IOException when nothing can be written there; its message is a sentence
   */
  static TrackerExport open(TrackerKind kind, String target, String python) throws IOException {
    return switch (kind) {
      case TENSORBOARD -> TensorBoardExport.into(target);
      case MLFLOW, WANDB_OFFLINE -> PythonExport.start(kind, target, python);
    };
  }

  /**
   * Exports a run.
   *
   * @throws IOException when it cannot be written; its message is a sentence
   */
  Outcome export(Ledger ledger, ExportedRun run) throws IOException;

  /** What the other tracker does not take as it is here, as sentences. */
  List<String> remarks();

  /** Ends the export; runs whose export had begun are complete. */
  @Override
  void close() throws IOException;
}
