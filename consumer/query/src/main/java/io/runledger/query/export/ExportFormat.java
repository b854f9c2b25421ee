package io.runledger.query.export;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

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
  static final class Word implements ITypeConverter<ExportFormat>, Iterable<String> {

    /** Made by picocli. */
    Word() {}

    @Override
    public ExportFormat convert(String word) {
      return Arrays.stream(values())
          .filter(format -> format.word().equals(word.toLowerCase(Locale.ROOT)))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "it is one of " + String.join(", ", this) + ", not '" + word + "'"));
    }

    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(values()).map(ExportFormat::word).iterator();
    }
  }
}
