package io.runledger.postgres.schema;

import io.runledger.postgres.connection.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What others may do with a schema and its relations, to grant the same on a schema that takes its
 * place.
 */
record Grants(List<Grant> grants) {

  /**
   * One of them.
   *
   * @param relation the relation's name as SQL writes it; empty for the schema itself
   * @param grantee as SQL writes it
   */
  private record Grant(String privilege, String relation, String grantee, boolean grantable) {}

  static Grants of(Connection connection, String schema) throws SQLException {
    List<Grant> found = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            WITH granted AS (
              SELECT '' AS relation, n.nspowner AS owner, a.*
                FROM pg_namespace n, aclexplode(n.nspacl) a
               WHERE n.nspname = ?
              UNION ALL
              SELECT quote_ident(c.relname), c.relowner, a.*
                FROM pg_namespace n
                JOIN pg_class c ON c.relnamespace = n.oid, aclexplode(c.relacl) a
               WHERE n.nspname = ?)
            SELECT privilege_type, relation,
                   CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, is_grantable
              FROM granted
             WHERE grantee <> owner
            """)) {
      statement.setString(1, schema);
      statement.setString(2, schema);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(
              new Grant(row.getString(1), row.getString(2), row.getString(3), row.getBoolean(4)));
        }
      }
    }
    return new Grants(found);
  }

  /** Grants the same on a schema, as far as it has relations of these names. */
  void repeatOn(Connection connection, String schema) throws SQLException {
    List<String> relations =
        Sql.texts(
            connection,
            "SELECT quote_ident(c.relname) FROM pg_class c WHERE c.relnamespace = ?::regnamespace",
            schema);
    for (Grant grant : grants) {
      String what = "SCHEMA " + schema;
      if (!grant.relation().isEmpty()) {
        if (!relations.contains(grant.relation())) {
          continue;
        }
        what = schema + "." + grant.relation();
      }
      Sql.execute(
          connection,
          "GRANT %s ON %s TO %s%s"
              .formatted(
                  grant.privilege(),
                  what,
                  grant.grantee(),
                  grant.grantable() ? " WITH GRANT OPTION" : ""));
    }
  }
}
