package io.runledger.query.export;

import io.runledger.options.EnumWord;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a file of an export is. */
enum ExportFormat {
  CSV,
  JSONL,
  PARQUET;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one that the name of a file ends with. */
  static Optional<ExportFormat> of(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(format -> name.endsWith("." + format.word())).findFirst();
  }

  /** Reads one of the words, and lists them for the help and the shell. */
  static final class Word extends EnumWord<ExportFormat> {

    /** Made by picocli. */
    Word() {
      super(values(), ExportFormat::word);
    }
  }
}
