package io.runledger.query.tracker;

import io.runledger.options.EnumWord;

/** The trackers that runs can be exported to. */
public enum TrackerKind {
  /** A tracking server of MLflow, or a store that its package opens. */
  MLFLOW("mlflow"),
  /** A directory of offline runs of W&amp;B. */
  WANDB_OFFLINE("wandb-offline"),
  /** A directory of event files. */
  TENSORBOARD("tensorboard");

  private final String word;

  TrackerKind(String word) {
    this.word = word;
  }

  /** What is written on the command line. */
  public String word() {
    return word;
  }

  /** Reads one of the words, and lists them for the help and the shell. */
  public static final class Word extends EnumWord<TrackerKind> {

    /** Made by picocli. */
    public Word() {
      super(values(), TrackerKind::word);
    }
  }
}
