package io.runledger.postgres;

import io.runledger.fold.store.RunGuard;
import io.runledger.rows.Statements;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Locks the rows of runs in the table of those who had them last. Not thread-safe.
 *
 * <p>Nobody waits in a circle: rows that are missing are added first, in the order of their runs,
 * when this transaction has no other row of the table; then all rows are locked in that order.
 */
final class PostgresRunGuard implements RunGuard {

  /** Runs that are known to have a row, some 50 bytes each. */
  private static final int REMEMBERED = 16_384;

  private final Statements statements;

  /** Nobody else's, and not this one's after it was opened again: nothing is in memory then. */
  private final String owner = UUID.randomUUID().toString();

  /** Rows that were there before a transaction of ours; they are never deleted. */
  private final Set<Long> known = new HashSet<>();

  PostgresRunGuard(Statements statements) {
    this.statements = statements;
  }

  @Override
  public Set<Long> take(SortedSet<Long> runs) {
    if (!known.containsAll(runs)) {
      addMissing(runs);
    }
    Set<Long> others = new TreeSet<>();
    statements.query(
        """
        SELECT run_id, owner
          FROM run_owners
         WHERE run_id = ANY (?::bigint[])
         ORDER BY run_id
           FOR UPDATE
        """,
        row -> {
          if (!row.getString(2).equals(owner)) {
            others.add(row.getLong(1));
          }
        },
        array(runs));
    if (!others.isEmpty()) {
      statements.update(
          "UPDATE run_owners SET owner = ? WHERE run_id = ANY (?::bigint[])", owner, array(others));
    }
    return others;
  }

  /** Of a run without a row nothing is in memory, because nobody has taken it. */
  private void addMissing(SortedSet<Long> runs) {
    if (known.size() > REMEMBERED) {
      known.clear();
    }
    Set<Long> missing = new TreeSet<>(runs);
    statements.query(
        "SELECT run_id FROM run_owners WHERE run_id = ANY (?::bigint[])",
        row -> {
          known.add(row.getLong(1));
          missing.remove(row.getLong(1));
        },
        array(runs));
    if (!missing.isEmpty()) {
      statements.update(
          """
          INSERT INTO run_owners (run_id, owner)
          SELECT run_id, ? FROM unnest(?::bigint[]) AS run_id ORDER BY run_id
          ON CONFLICT (run_id) DO NOTHING
          """,
          owner,
          array(missing));
    }
  }

  /** As the server reads an array: {1,2,3}. */
  private static String array(Set<Long> runs) {
    return "{" + String.join(",", runs.stream().map(String::valueOf).toList()) + "}";
  }
}
