package io.runledger.query.export;

import io.runledger.query.parquet.ParquetFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Rows on their way into a file or to stdout. */
final class Table<T> implements AutoCloseable {

  private final List<Column<T>> columns;
  private final Cells cells;

  private Table(List<Column<T>> columns, Cells cells) {
    this.columns = columns;
    this.cells = cells;
  }

  /** In a file, which its writer closes. */
  static <T> Table<T> in(OutputStream file, ExportFormat format, List<Column<T>> columns)
      throws IOException {
    return format == ExportFormat.PARQUET
        ? new Table<>(
            columns,
            new ParquetCells(
                file,
                columns.stream()
                    .map(column -> new ParquetFile.Head(column.name(), column.type()))
                    .toList()))
        : on(
            new PrintWriter(
                new BufferedWriter(new OutputStreamWriter(file, StandardCharsets.UTF_8))),
            format,
            columns);
  }

  /** As text, on what stays open. */
  static <T> Table<T> on(PrintWriter out, ExportFormat format, List<Column<T>> columns) {
    List<String> titles = columns.stream().map(Column::name).toList();
    return new Table<>(
        columns,
        format == ExportFormat.CSV ? new CsvCells(out, titles) : new JsonCells(out, titles));
  }

  void row(T row) {
    columns.forEach(column -> column.write().accept(row, cells));
    try {
      cells.endRow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      cells.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
