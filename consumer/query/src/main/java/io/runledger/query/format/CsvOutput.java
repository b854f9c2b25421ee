package io.runledger.query.format;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.runledger.config.Printable;
import io.runledger.query.metrics.MetricSummary.Mark;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * CSV for programs and spreadsheets (RFC 4180, LF, UTF-8): absent is an empty cell, numbers have
 * all their digits. Rows are written as they come, and none is kept. A text that a spreadsheet
 * would run as a formula gets an apostrophe in front.
 */
public final class CsvOutput {

  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(?:Infinity|[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?");

  private final CsvWriter csv;
  private final List<String> row = new ArrayList<>();

  public CsvOutput(PrintWriter out, String... titles) {
    this(out, List.of(titles));
  }

  /** Without titles, no line of them. */
  public CsvOutput(PrintWriter out, List<String> titles) {
    csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(out);
    if (!titles.isEmpty()) {
      titles.forEach(this::text);
      endRow();
    }
  }

  public CsvOutput text(String value) {
    row.add(neutral(Printable.lines(value)));
    return this;
  }

  public CsvOutput text(Optional<String> value) {
    return text(value.orElse(""));
  }

  public CsvOutput number(long value) {
    row.add(Long.toString(value));
    return this;
  }

  public CsvOutput number(OptionalLong value) {
    row.add(value.isPresent() ? Long.toString(value.getAsLong()) : "");
    return this;
  }

  public CsvOutput number(OptionalInt value) {
    row.add(value.isPresent() ? Integer.toString(value.getAsInt()) : "");
    return this;
  }

  /** With all its digits; NaN, Infinity and -Infinity by these words. */
  public CsvOutput number(double value) {
    row.add(Double.toString(value));
    return this;
  }

  public CsvOutput number(OptionalDouble value) {
    row.add(value.isPresent() ? Double.toString(value.getAsDouble()) : "");
    return this;
  }

  /** Three cells: the value, its step, its epoch. */
  public CsvOutput mark(Optional<Mark> mark) {
    text(mark.map(found -> Double.toString(found.value())));
    number(mark.map(Mark::step).orElse(OptionalLong.empty()));
    return epoch(mark.map(Mark::epoch).orElse(OptionalDouble.empty()));
  }

  public CsvOutput epoch(OptionalDouble value) {
    row.add(value.isPresent() ? Numbers.epoch(value.getAsDouble()) : "");
    return this;
  }

  public void endRow() {
    csv.writeRecord(row);
    row.clear();
  }

  /** Hands the rows so far on; stdout stays open. */
  public void flush() {
    try {
      csv.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("The output cannot be written.", e);
    }
  }

  static String neutral(String value) {
    if (value.isEmpty() || NUMBER.matcher(value).matches()) {
      return value;
    }
    return "=+-@\t\r".indexOf(value.charAt(0)) >= 0 ? "'" + value : value;
  }
}
