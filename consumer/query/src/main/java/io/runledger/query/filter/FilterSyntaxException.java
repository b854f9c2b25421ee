package io.runledger.query.filter;

import io.runledger.config.ExitCoded;
import io.runledger.config.ExitCodes;
import io.runledger.config.Printable;

/**
 * A filter, an order or a list of fields that cannot be read. The message is a sentence with the
 * place and what may be meant, and below it the filter with signs under what is wrong.
 */
public final class FilterSyntaxException extends IllegalArgumentException implements ExitCoded {

  private static final long serialVersionUID = 1L;

  /** As much of a filter as fits a line of a terminal, on each side of the place. */
  private static final int SHOWN = 60;

  private final String sentence;
  private final String filter;
  private final String problem;
  private final int start;
  private final int end;

  private FilterSyntaxException(
      String problem, String sentence, String filter, int start, int end) {
    super(problem + System.lineSeparator() + pointer(filter, start, end));
    this.sentence = sentence;
    this.filter = filter;
    this.problem = problem;
    this.start = start;
    this.end = end;
  }

  /** At characters of the filter, the first included, the last not; both may be its length. */
  static FilterSyntaxException at(int start, int end, String problem, String filter) {
    return of("filter", start, Math.max(end, start + 1), problem, filter);
  }

  private static FilterSyntaxException of(
      String what, int start, int end, String sentence, String filter) {
    return new FilterSyntaxException(
        "The %s cannot be read at character %d: %s"
            .formatted(what, start + 1, Printable.lines(sentence)),
        sentence,
        filter,
        start,
        end);
  }

  /** The same of another text than a filter, such as an order. */
  FilterSyntaxException of(String what) {
    return of(what, start, end, sentence, filter);
  }

  static FilterSyntaxException at(Token token, String problem, String filter) {
    return at(token.start(), token.end(), problem, filter);
  }

  /** The message without the filter. */
  public String problem() {
    return problem;
  }

  /** Index of the first character that is wrong; the filter's length where more should follow. */
  public int start() {
    return start;
  }

  /** Index after the last character that is wrong; greater than {@link #start}. */
  public int end() {
    return end;
  }

  @Override
  public int exitCode() {
    return ExitCodes.USAGE;
  }

  private static String pointer(String filter, int start, int end) {
    int first = Math.max(0, start - SHOWN);
    int behind = Math.min(end, filter.length());
    int last = Math.min(behind, start + SHOWN);
    String before = (first > 0 ? "..." : "") + Printable.line(filter.substring(first, start));
    String wrong = Printable.line(filter.substring(start, last));
    String after = Printable.line(filter.substring(last, Math.min(filter.length(), last + SHOWN)));
    return "  "
        + before
        + wrong
        + after
        + System.lineSeparator()
        + "  "
        + " ".repeat(before.length())
        + "^".repeat(Math.max(1, wrong.length()));
  }
}
