package io.runledger.options;

import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads a value of an enum by its word, in capitals or not, and lists the words for the help and
 * the shell. A subclass without parameters is what picocli makes.
 */
public abstract class EnumWord<E extends Enum<E>> implements ITypeConverter<E>, Iterable<String> {

  private final List<E> values;
  private final Function<E, String> word;

  /**
   * Of these values.
   *
   * @param values in the order in which they are listed
   * @param word the word of one, in small letters
   */
  protected EnumWord(E[] values, Function<E, String> word) {
    this.values = List.of(values);
    this.word = word;
  }

  @Override
  public final E convert(String text) {
    return values.stream()
        .filter(value -> word.apply(value).equals(text.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "it must be one of " + String.join(", ", this) + ", not '" + text + "'"));
  }

  @Override
  public final Iterator<String> iterator() {
    return values.stream().map(word).iterator();
  }
}
