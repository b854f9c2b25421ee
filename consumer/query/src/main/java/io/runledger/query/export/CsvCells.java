package io.runledger.query.export;

import io.runledger.query.format.CsvOutput;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;

/** CSV as all verbs write it; times by ISO 8601 with all their digits. */
final class CsvCells implements Cells {

  private final CsvOutput csv;

  CsvCells(PrintWriter out, List<String> titles) {
    this.csv = new CsvOutput(out, titles);
  }

  @Override
  public void absent() {
    csv.text("");
  }

  @Override
  public void text(String value) {
    csv.text(value);
  }

  @Override
  public void json(String value) {
    csv.text(value);
  }

  @Override
  public void integer(long value) {
    csv.number(value);
  }

  @Override
  public void number(double value) {
    csv.number(value);
  }

  @Override
  public void truth(boolean value) {
    csv.text(Boolean.toString(value));
  }

  @Override
  public void time(Instant value) {
    csv.text(value.toString());
  }

  @Override
  public void endRow() {
    csv.endRow();
  }

  @Override
  public void close() {
    csv.flush();
  }
}
