package io.runledger.query.parquet;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A table on its way into a Parquet file: each row is added to all {@link #columns}, then ended.
 * Holds one group of rows in memory, and a hundred bytes a column for each group before it. The
 * file can be read when it was closed, and not before.
 */
public final class ParquetFile implements Closeable {

  /** Rows that DuckDB hands to one thread. */
  private static final int ROWS_OF_A_GROUP = 122_880;

  private static final long BYTES_OF_A_GROUP = 32L << 20;

  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  private final OutputStream out;
  private final List<ParquetColumn> columns;
  private final Footer footer;
  private long written;
  private int rows;

  /** A column's name and what its values are. */
  public record Head(String name, ColumnType type) {}

  public ParquetFile(OutputStream out, List<Head> heads) throws IOException {
    this.out = out;
    this.columns = heads.stream().map(head -> new ParquetColumn(head.name(), head.type())).toList();
    this.footer = new Footer(columns);
    write(MAGIC);
  }

  /** In the order of the heads. */
  public List<ParquetColumn> columns() {
    return columns;
  }

  /**
   * Ends the row that was added to all columns.
   *
   * @throws IllegalStateException when a column has no value of it, or two
   */
  public void endRow() throws IOException {
    rows++;
    long bytes = 0;
    for (ParquetColumn column : columns) {
      if (column.rows() != rows) {
        throw new IllegalStateException(
            "Column %s has %d values for %d rows.".formatted(column.name(), column.rows(), rows));
      }
      bytes += column.size();
    }
    if (rows == ROWS_OF_A_GROUP || bytes >= BYTES_OF_A_GROUP) {
      endGroup();
    }
  }

  private void endGroup() throws IOException {
    List<Footer.Chunk> chunks = new ArrayList<>();
    for (ParquetColumn column : columns) {
      Footer.Chunk chunk = column.writeTo(out, written);
      written += chunk.compressed();
      chunks.add(chunk);
    }
    footer.add(rows, chunks);
    rows = 0;
  }

  private void write(byte[] bytes) throws IOException {
    out.write(bytes);
    written += bytes.length;
  }

  /** Writes what is left and the footer; closes the file. */
  @Override
  public void close() throws IOException {
    try (out) {
      if (rows > 0) {
        endGroup();
      }
      byte[] end = footer.bytes("runledger");
      write(end);
      write(
          ByteBuffer.allocate(Integer.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt(end.length)
              .array());
      write(MAGIC);
    }
  }
}
