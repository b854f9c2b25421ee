package io.runledger.options;

import io.runledger.schemas.RunStatus;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads one of the five words. */
public final class StatusWord implements ITypeConverter<RunStatus>, Iterable<String> {

  /** Made by picocli. */
  public StatusWord() {}

  @Override
  public RunStatus convert(String word) {
    return RunStatus.ofWord(word.toLowerCase(Locale.ROOT))
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "it must be one of " + String.join(", ", this) + ", not '" + word + "'"));
  }

  @Override
  public Iterator<String> iterator() {
    return Arrays.stream(RunStatus.values()).map(RunStatus::word).iterator();
  }
}
