package io.runledger.query.parquet;

import java.util.ArrayList;
import java.util.List;

/**
 * What stands at the end of a file: its columns, and where the values of each are. The numbers are
 * those of {@code parquet.thrift}.
 */
final class Footer {

  static final int CONVERTED_TYPE = 6;
  static final int LOGICAL_TYPE = 10;

  private static final int VERSION = 2;
  private static final int OPTIONAL = 1;
  private static final int GZIP = 2;

  private final List<ParquetColumn> columns;
  private final List<Group> groups = new ArrayList<>();

  Footer(List<ParquetColumn> columns) {
    this.columns = columns;
  }

  /**
   * The values of one column in one group of rows.
   *
   * @param offset where its page begins
   * @param uncompressed bytes, the page's head included
   * @param compressed the same as they are in the file
   */
  record Chunk(
      String column,
      ColumnType type,
      long rows,
      long absent,
      long offset,
      long uncompressed,
      long compressed) {}

  private record Group(long rows, List<Chunk> chunks) {}

  void add(long rows, List<Chunk> chunks) {
    groups.add(new Group(rows, List.copyOf(chunks)));
  }

  byte[] bytes(String createdBy) {
    Thrift file = new Thrift();
    file.i32(1, VERSION);
    file.structs(2, columns.size() + 1);
    file.element().text(4, "schema").i32(5, columns.size()).end();
    for (ParquetColumn column : columns) {
      Thrift element = file.element();
      element.i32(1, column.type().physical().number()).i32(3, OPTIONAL).text(4, column.name());
      column.type().writeMeaning(element);
      element.end();
    }
    file.i64(3, groups.stream().mapToLong(Group::rows).sum());
    file.structs(4, groups.size());
    groups.forEach(group -> write(file.element(), group));
    file.text(6, createdBy);
    return file.end().bytes();
  }

  private static void write(Thrift row, Group group) {
    row.structs(1, group.chunks().size());
    group.chunks().forEach(chunk -> write(row.element(), chunk));
    row.i64(2, group.chunks().stream().mapToLong(Chunk::uncompressed).sum());
    row.i64(3, group.rows());
    row.i64(5, group.chunks().get(0).offset());
    row.i64(6, group.chunks().stream().mapToLong(Chunk::compressed).sum());
    row.end();
  }

  private static void write(Thrift column, Chunk chunk) {
    column.i64(2, chunk.offset());
    Thrift meta = column.struct(3);
    meta.i32(1, chunk.type().physical().number());
    meta.i32s(2, ParquetColumn.PLAIN, ParquetColumn.RLE);
    meta.texts(3, chunk.column());
    meta.i32(4, GZIP);
    meta.i64(5, chunk.rows());
    meta.i64(6, chunk.uncompressed());
    meta.i64(7, chunk.compressed());
    meta.i64(9, chunk.offset());
    meta.struct(12).i64(3, chunk.absent()).end();
    meta.end();
    column.end();
  }
}
