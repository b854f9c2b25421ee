package io.runledger.query.tracker;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

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
  public static final class Word implements ITypeConverter<TrackerKind>, Iterable<String> {

    /** Made by picocli. */
    public Word() {}

    @Override
    public TrackerKind convert(String word) {
      return Arrays.stream(values())
          .filter(kind -> kind.word.equals(word.toLowerCase(Locale.ROOT)))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "it is one of " + String.join(", ", this) + ", not '" + word + "'"));
    }

    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(values()).map(TrackerKind::word).iterator();
    }
  }
}
