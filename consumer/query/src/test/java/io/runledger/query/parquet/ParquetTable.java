package io.runledger.query.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Util;

/**
 * A Parquet file as its specification reads it: footer and heads of pages by the classes of the
 * format's own project, values and levels by hand.
 */
public record ParquetTable(FileMetaData footer, Map<String, List<Optional<Object>>> columns) {

  private static final int MAGIC = 4;

  public static ParquetTable read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    assertThat(new String(bytes, 0, MAGIC, StandardCharsets.US_ASCII)).isEqualTo("PAR1");
    assertThat(new String(bytes, bytes.length - MAGIC, MAGIC, StandardCharsets.US_ASCII))
        .isEqualTo("PAR1");
    int length = littleEndian(bytes, bytes.length - 2 * MAGIC, Integer.BYTES).getInt();
    FileMetaData footer =
        Util.readFileMetaData(
            new ByteArrayInputStream(bytes, bytes.length - 2 * MAGIC - length, length));
    Map<String, List<Optional<Object>>> columns = new LinkedHashMap<>();
    List<SchemaElement> schema = footer.getSchema().subList(1, footer.getSchemaSize());
    assertThat(footer.getSchema().get(0).getNum_children()).isEqualTo(schema.size());
    for (int i = 0; i < schema.size(); i++) {
      List<Optional<Object>> values = new ArrayList<>();
      for (RowGroup group : footer.getRow_groups()) {
        values.addAll(values(bytes, schema.get(i), group.getColumns().get(i)));
      }
      assertThat(values).hasSize((int) footer.getNum_rows());
      columns.put(schema.get(i).getName(), values);
    }
    return new ParquetTable(footer, columns);
  }

  /** The values of a column that are there. */
  public List<Object> present(String column) {
    return columns.get(column).stream().flatMap(Optional::stream).toList();
  }

  private static List<Optional<Object>> values(
      byte[] bytes, SchemaElement element, ColumnChunk chunk) throws IOException {
    ColumnMetaData meta = chunk.getMeta_data();
    assertThat(meta.getCodec()).isEqualTo(CompressionCodec.GZIP);
    assertThat(meta.getPath_in_schema()).containsExactly(element.getName());
    assertThat(meta.getType()).isEqualTo(element.getType());
    InputStream in =
        new ByteArrayInputStream(
            bytes, (int) meta.getData_page_offset(), (int) meta.getTotal_compressed_size());
    PageHeader head = Util.readPageHeader(in);
    assertThat(head.getData_page_header().getEncoding()).isEqualTo(Encoding.PLAIN);
    byte[] compressed = in.readNBytes(head.getCompressed_page_size());
    assertThat(in.read()).isEqualTo(-1);
    byte[] page = new GZIPInputStream(new ByteArrayInputStream(compressed)).readAllBytes();
    assertThat(page).hasSize(head.getUncompressed_page_size());
    ByteBuffer levels = littleEndian(page, 0, page.length);
    int rows = head.getData_page_header().getNum_values();
    int end = Integer.BYTES + levels.getInt();
    boolean[] present = new boolean[rows];
    for (int row = 0; levels.position() < end; ) {
      int run = run(levels);
      boolean there = levels.get() == 1;
      Arrays.fill(present, row, row + run, there);
      row += run;
    }
    ByteBuffer values = littleEndian(page, end, page.length - end);
    List<Optional<Object>> found = new ArrayList<>();
    int bit = 0;
    for (boolean there : present) {
      found.add(there ? Optional.of(value(element, values, bit++)) : Optional.empty());
    }
    long absent = found.stream().filter(Optional::isEmpty).count();
    assertThat(meta.getStatistics().getNull_count()).isEqualTo(absent);
    return found;
  }

  private static Object value(SchemaElement element, ByteBuffer values, int bit) {
    return switch (element.getType()) {
      case INT64 -> values.getLong();
      case DOUBLE -> values.getDouble();
      case BOOLEAN -> (values.get(values.position() + bit / 8) >> bit % 8 & 1) == 1;
      case BYTE_ARRAY -> {
        byte[] text = new byte[values.getInt()];
        values.get(text);
        yield new String(text, StandardCharsets.UTF_8);
      }
      default -> throw new AssertionError(element);
    };
  }

  private static int run(ByteBuffer levels) {
    int value = 0;
    for (int shift = 0; ; shift += 7) {
      byte octet = levels.get();
      value |= (octet & 0x7f) << shift;
      if (octet >= 0) {
        assertThat(value & 1).isZero();
        return value >>> 1;
      }
    }
  }

  private static ByteBuffer littleEndian(byte[] bytes, int offset, int length) {
    return ByteBuffer.wrap(bytes, offset, length).slice().order(ByteOrder.LITTLE_ENDIAN);
  }
}
