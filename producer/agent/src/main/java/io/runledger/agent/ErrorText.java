package io.runledger.agent;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The error that a process wrote to its stderr before it ended.
 *
 * @param type class of the exception; {@code exit code 3} where the text has none
 * @param message its message
 * @param text the traceback, or the last of what was written
 */
record ErrorText(String type, Optional<String> message, String text) {

  private static final String PYTHON = "Traceback (most recent call last):";
  private static final Pattern PYTHON_END = Pattern.compile("([\\w.]+)(?:: ?(.*))?");
  private static final Pattern JAVA =
      Pattern.compile("(?m)^Exception in thread \"[^\"]*\" ([\\w.$]+)(?:: (.*))?$");
  private static final int LAST_LINES = 50;

  /** Extracts the error from the end of a process's stderr. */
  static ErrorText of(String tail, int exitCode) {
    return python(tail)
        .or(() -> java(tail))
        .orElseGet(
            () -> {
              List<String> lines = tail.lines().filter(line -> !line.isBlank()).toList();
              List<String> last =
                  lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size());
              return new ErrorText(
                  Signals.ofExitCode(exitCode).orElse("exit code " + exitCode),
                  last.isEmpty() ? Optional.empty() : Optional.of(last.get(last.size() - 1)),
                  String.join("\n", last));
            });
  }

  /** The last traceback, up to the line that names the exception: the first one not indented. */
  private static Optional<ErrorText> python(String tail) {
    int begin = tail.lastIndexOf(PYTHON);
    if (begin < 0) {
      return Optional.empty();
    }
    // "During handling of the above exception" and the like belong to the report.
    int first = tail.indexOf(PYTHON);
    List<String> lines = tail.substring(begin).lines().toList();
    StringBuilder text = new StringBuilder(tail.substring(first, begin)).append(lines.get(0));
    for (String line : lines.subList(1, lines.size())) {
      text.append('\n').append(line);
      Matcher end = PYTHON_END.matcher(line);
      if (!line.startsWith(" ") && end.matches()) {
        return Optional.of(
            new ErrorText(end.group(1), Optional.ofNullable(end.group(2)), text.toString()));
      }
    }
    return Optional.empty();
  }

  private static Optional<ErrorText> java(String tail) {
    Matcher head = JAVA.matcher(tail);
    if (!head.find()) {
      return Optional.empty();
    }
    return Optional.of(
        new ErrorText(
            head.group(1), Optional.ofNullable(head.group(2)), tail.substring(head.start())));
  }
}
