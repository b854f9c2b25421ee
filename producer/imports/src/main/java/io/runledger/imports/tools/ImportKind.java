package io.runledger.imports.tools;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What can be imported, in the order in which a path is asked for it. */
public enum ImportKind {
  /** Runs of another ledger. */
  STUDY(Study.WORD),
  /** Lightning's {@code CSVLogger}. */
  LIGHTNING_CSV(LightningCsv.WORD),
  /** DVCLive. */
  DVCLIVE(DvcLive.WORD),
  /** Sacred's {@code FileStorageObserver}. */
  SACRED(Sacred.WORD),
  /** Event files of TensorBoard. */
  TENSORBOARD(TensorBoard.WORD),
  /** Offline runs of W&amp;B. */
  WANDB(Wandb.WORD),
  /** A directory of MLflow. */
  MLFLOW_FILE(MlflowFile.WORD),
  /** A SQLite file of MLflow. */
  MLFLOW_SQLITE(MlflowSqlite.WORD),
  /** A project of Trackio. */
  TRACKIO(Trackio.WORD),
  /** A database of one of the small trackers with a class {@code ExperimentDB}. */
  EXPERIMENT_DB(ExperimentDb.WORD),
  /** A repository of Aim. */
  AIM(Aim.WORD),
  /** Any CSV file. */
  CSV(Tables.CSV),
  /** Any file of JSON lines. */
  JSONL(Tables.JSONL);

  private final String word;

  ImportKind(String word) {
    this.word = word;
  }

  /** What is written on the command line. */
  public String word() {
    return word;
  }

  /** Reads its files. */
  public Importer importer() {
    return switch (this) {
      case STUDY -> new Study();
      case LIGHTNING_CSV -> new LightningCsv();
      case DVCLIVE -> new DvcLive();
      case SACRED -> new Sacred();
      case TENSORBOARD -> new TensorBoard();
      case WANDB -> new Wandb();
      case MLFLOW_FILE -> new MlflowFile();
      case MLFLOW_SQLITE -> new MlflowSqlite();
      case TRACKIO -> new Trackio();
      case EXPERIMENT_DB -> new ExperimentDb();
      case AIM -> new Aim();
      case CSV -> Tables.ofCsv();
      case JSONL -> Tables.ofJsonLines();
    };
  }

  /** The kind with this word; empty for any other word. */
  public static Optional<ImportKind> ofWord(String word) {
    return Arrays.stream(values()).filter(kind -> kind.word.equals(word)).findFirst();
  }

  /** The words of all kinds, in their order. */
  public static List<String> words() {
    return Arrays.stream(values()).map(ImportKind::word).toList();
  }

  /**
   * What a path seems to be.
   *
   * @param kind the kind
   * @param evidence what shows it
   */
  public record Guess(ImportKind kind, String evidence) {}

  /** All kinds of which a path has files; a table is guessed only where nothing else is. */
  public static List<Guess> guesses(Path path) throws IOException {
    List<Guess> guesses = new ArrayList<>();
    for (ImportKind kind : values()) {
      boolean isTable = kind == CSV || kind == JSONL;
      if (!isTable || guesses.isEmpty()) {
        kind.importer().evidence(path).ifPresent(what -> guesses.add(new Guess(kind, what)));
      }
    }
    return List.copyOf(guesses);
  }
}
