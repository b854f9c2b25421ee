package io.runledger.imports.tools;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A traceback of Python.
 *
 * @param type the exception, as it is named in the last line
 * @param message what the exception says, if it says something
 * @param text all of it
 */
record Traceback(String type, Optional<String> message, String text) {

  /** {@code ValueError: x}, {@code torch.cuda.OutOfMemoryError: ...}, {@code KeyboardInterrupt}. */
  private static final Pattern LAST_LINE = Pattern.compile("([A-Za-z_][A-Za-z0-9_.]*)(?:: (.*))?");

  /** The first line of each. */
  static final String HEAD = "Traceback (most recent call last):";

  static Traceback of(String text) {
    List<String> lines = text.strip().lines().toList();
    // The message may go on over several lines; the exception is named at the left margin.
    for (int i = lines.size() - 1; i >= 0; i--) {
      Matcher last = LAST_LINE.matcher(lines.get(i));
      if (last.matches()) {
        String rest = String.join("\n", lines.subList(i + 1, lines.size()));
        String message = last.group(2) == null ? rest : (last.group(2) + "\n" + rest).strip();
        return new Traceback(
            last.group(1), Optional.of(message).filter(some -> !some.isEmpty()), text);
      }
    }
    return new Traceback("Error", Optional.empty(), text);
  }
}
