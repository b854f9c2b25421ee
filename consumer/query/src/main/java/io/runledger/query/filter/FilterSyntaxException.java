package io.runledger.query.filter;

import io.runledger.config.ExitCoded;
import io.runledger.config.ExitCodes;
import io.runledger.config.Printable;

/**
 * A filter that cannot be read. The message is a sentence with the place and what may be meant, and
 * below it the filter with signs under what is wrong.
 */
public final class FilterSyntaxException extends IllegalArgumentException implements ExitCoded {

  private static final long serialVersionUID = 1L;

  private static final String FILTER = "The filter";

  /** As much of a filter as fits a line of a terminal, on each side of the place. */
  private static final int SHOWN = 60;

  private final String sentence;
  private final String problem;
  private final String filter;
  private final int start;
  private final int end;

  private FilterSyntaxException(String what, String problem, String filter, int start, int end) {
    super(sentence(what, problem, start) + System.lineSeparator() + pointer(filter, start, end));
    this.sentence = sentence(what, problem, start);
    this.problem = problem;
    this.filter = filter;
    this.start = start;
    this.end = end;
  }

  private static String sentence(String what, String problem, int start) {
    return what + " cannot be read at character " + (start + 1) + ": " + problem;
  }

  /** At characters of the filter, the first included, the last not; both may be its length. */
  static FilterSyntaxException at(int start, int end, String problem, String filter) {
    return new FilterSyntaxException(
        FILTER, Printable.lines(problem), filter, start, Math.max(end, start + 1));
  }

  static FilterSyntaxException at(Token token, String problem, String filter) {
    return at(token.start(), token.end(), problem, filter);
  }

  /** The same mistake in another text than a filter, such as "The order". */
  FilterSyntaxException in(String what) {
    return new FilterSyntaxException(what, problem, filter, start, end);
  }

  /** The message without the filter. */
  public String problem() {
    return sentence;
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
