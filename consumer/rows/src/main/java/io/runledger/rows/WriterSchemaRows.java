package io.runledger.rows;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The writer schemas by registry id. Works inside the caller's transaction. */
final class WriterSchemaRows {

  private final Statements statements;

  WriterSchemaRows(Statements statements) {
    this.statements = statements;
  }

  /** The schema with this id. */
  Optional<String> find(int id) {
    return statements.first(
        "SELECT schema FROM writer_schemas WHERE schema_id = ?", row -> row.getString(1), id);
  }

  /** All of them by their ids. */
  Map<Integer, String> all() {
    Map<Integer, String> schemas = new HashMap<>();
    statements.query(
        "SELECT schema_id, schema FROM writer_schemas",
        row -> schemas.put(row.getInt(1), row.getString(2)));
    return schemas;
  }

  /** Keeps a schema, unless there is one with this id. */
  void add(int id, String schema) {
    statements.update(
        "INSERT INTO writer_schemas (schema_id, schema) VALUES (?, ?) ON CONFLICT DO NOTHING",
        id,
        schema);
  }
}
