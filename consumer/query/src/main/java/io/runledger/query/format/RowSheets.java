package io.runledger.query.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.query.filter.NamedField;
import io.runledger.query.runs.RunRow;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Runs with the columns that somebody chose. */
public final class RowSheets {

  private final PrintWriter out;
  private final List<NamedField> columns;
  private final ValueCells cells;

  public RowSheets(PrintWriter out, List<NamedField> columns, Times times) {
    this.out = out;
    this.columns = List.copyOf(columns);
    this.cells = new ValueCells(times);
  }

  public Sheet<RunRow> json() {
    return Sheet.json(out, Json.object(), "runs", this::json);
  }

  private ObjectNode json(RunRow row) {
    ObjectNode json = Json.object();
    for (int i = 0; i < columns.size(); i++) {
      json.set(columns.get(i).word(), cells.json(row.values().get(i)));
    }
    return json;
  }

  public Sheet<RunRow> csv() {
    List<String> titles = columns.stream().map(NamedField::word).toList();
    return Sheet.csv(
        out, titles, (csv, row) -> row.values().forEach(value -> cells.csv(csv, value)));
  }

  public Sheet<RunRow> table() {
    TextTable table = new TextTable();
    columns.forEach(column -> ValueCells.addColumn(table, column));
    return Sheet.table(out, table, this::texts);
  }

  private List<String> texts(RunRow row) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      texts.add(cells.text(columns.get(i).field(), row.values().get(i)));
    }
    return texts;
  }
}
