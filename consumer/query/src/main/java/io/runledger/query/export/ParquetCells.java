package io.runledger.query.export;

import io.runledger.query.parquet.ParquetColumn;
import io.runledger.query.parquet.ParquetFile;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;

/** Parquet: times are timestamps in UTC, JSON is text. */
final class ParquetCells implements Cells {

  private static final long MICROS_OF_A_SECOND = 1_000_000;
  private static final int NANOS_OF_A_MICRO = 1_000;

  private final ParquetFile file;
  private Iterator<ParquetColumn> columns;

  ParquetCells(OutputStream out, List<ParquetFile.Head> heads) throws IOException {
    this.file = new ParquetFile(out, heads);
    this.columns = file.columns().iterator();
  }

  @Override
  public void absent() {
    columns.next().absent();
  }

  @Override
  public void text(String value) {
    columns.next().add(value);
  }

  @Override
  public void json(String value) {
    text(value);
  }

  @Override
  public void integer(long value) {
    columns.next().add(value);
  }

  @Override
  public void number(double value) {
    columns.next().add(value);
  }

  @Override
  public void truth(boolean value) {
    columns.next().add(value);
  }

  @Override
  public void time(Instant value) {
    integer(value.getEpochSecond() * MICROS_OF_A_SECOND + value.getNano() / NANOS_OF_A_MICRO);
  }

  @Override
  public void endRow() throws IOException {
    file.endRow();
    columns = file.columns().iterator();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
