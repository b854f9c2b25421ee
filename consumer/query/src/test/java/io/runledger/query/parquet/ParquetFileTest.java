package io.runledger.query.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.query.parquet.ParquetFile.Head;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deploy's test of the tools reads such files with pandas, polars and DuckDB. */
class ParquetFileTest {

  private static final List<Head> HEADS =
      List.of(
          new Head("text", ColumnType.TEXT),
          new Head("integer", ColumnType.INTEGER),
          new Head("double", ColumnType.DOUBLE),
          new Head("boolean", ColumnType.BOOLEAN),
          new Head("timestamp", ColumnType.TIMESTAMP));

  @TempDir private Path directory;

  private ParquetTable written(int rows, boolean sparse) throws IOException {
    Path file = directory.resolve("x.parquet");
    try (ParquetFile parquet = new ParquetFile(Files.newOutputStream(file), HEADS)) {
      for (int i = 0; i < rows; i++) {
        for (ParquetColumn column : parquet.columns()) {
          if (sparse && i % 3 == 1) {
            column.absent();
            continue;
          }
          switch (column.type()) {
            case TEXT -> column.add("ü" + i);
            case INTEGER, TIMESTAMP -> column.add((long) i);
            case DOUBLE -> column.add(i / 10.0);
            case BOOLEAN -> column.add(i % 5 == 0);
          }
        }
        parquet.endRow();
      }
    }
    return ParquetTable.read(file);
  }

  @Test
  void rowsComeBackAcrossGroupsAndGaps() throws IOException {
    int rows = 300_001;

    ParquetTable table = written(rows, true);

    assertThat(table.footer().getRow_groupsSize()).isEqualTo(3);
    for (int i : new int[] {0, 1, 2, 3, 122_879, 122_880, rows - 1}) {
      boolean absent = i % 3 == 1;
      assertThat(table.columns().values().stream().map(column -> column.get(i)))
          .as("row " + i)
          .containsExactly(
              absent ? Optional.empty() : Optional.of("ü" + i),
              absent ? Optional.empty() : Optional.of((long) i),
              absent ? Optional.empty() : Optional.of(i / 10.0),
              absent ? Optional.empty() : Optional.of(i % 5 == 0),
              absent ? Optional.empty() : Optional.of((long) i));
    }
  }

  @Test
  void aTableWithoutRowsHasItsColumns() throws IOException {
    ParquetTable table = written(0, false);

    assertThat(table.footer().getNum_rows()).isZero();
    assertThat(table.columns()).containsOnlyKeys(HEADS.stream().map(Head::name).toList());
  }

  @Test
  void typesAreThoseThatReadersKnow() throws IOException {
    List<SchemaElement> schema = written(1, false).footer().getSchema();

    assertThat(schema.stream().skip(1).map(SchemaElement::getType))
        .containsExactly(Type.BYTE_ARRAY, Type.INT64, Type.DOUBLE, Type.BOOLEAN, Type.INT64);
    assertThat(schema.get(1).getConverted_type()).isEqualTo(ConvertedType.UTF8);
    assertThat(schema.get(1).getLogicalType().isSetSTRING()).isTrue();
    assertThat(schema.get(5).getConverted_type()).isEqualTo(ConvertedType.TIMESTAMP_MICROS);
    var timestamp = schema.get(5).getLogicalType().getTIMESTAMP();
    assertThat(timestamp.isIsAdjustedToUTC()).isTrue();
    assertThat(timestamp.getUnit().isSetMICROS()).isTrue();
  }

  @Test
  void aRowThatLacksAValueIsNotWritten() throws IOException {
    try (ParquetFile parquet = new ParquetFile(OutputStream.nullOutputStream(), HEADS)) {
      parquet.columns().get(0).add("x");

      assertThatThrownBy(parquet::endRow)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Column integer has 0 values for 1 rows.");
    }
  }
}
