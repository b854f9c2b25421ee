package io.runledger.postgres.schema;

import io.runledger.config.FailPoint;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.postgres.connection.AdvisoryLock;
import io.runledger.postgres.connection.Failures;
import io.runledger.postgres.connection.LedgerUrl;
import io.runledger.postgres.connection.Purpose;
import io.runledger.postgres.connection.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * The generations of a ledger: which there are, which one is in use, and how another one takes its
 * place. Works on the caller's session, outside of transactions.
 */
public final class Generations {

  private final LedgerUrl ledger;
  private final Connection connection;

  public Generations(LedgerUrl ledger, Connection connection) {
    this.ledger = ledger;
    this.connection = connection;
  }

  /**
   * The generation that users see; empty when there is no ledger yet.
   *
   * @throws ProjectionUnavailableException when the ledger's name is taken by something else
   */
  public Optional<Generation> current() throws SQLException {
    try {
      Optional<String> schema =
          Sql.text(
              connection, "SELECT schema FROM %s.%s".formatted(ledger.base(), Publication.POINTER));
      return Optional.of(
          schema
              .flatMap(name -> Generation.named(ledger, name))
              .orElseThrow(
                  () ->
                      new ProjectionUnavailableException(
                          "%s.%s in %s names %s, which is not a generation of this ledger; 'runledger rebuild' builds one."
                              .formatted(
                                  ledger.base(),
                                  Publication.POINTER,
                                  ledger,
                                  schema.orElse("nothing")))));
    } catch (SQLException e) {
      if (Failures.isMissing(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The generation in use, whose tables are brought up to date; creates the first one. */
  public Generation currentUpToDate() throws SQLException {
    return AdvisoryLock.SCHEMAS.holding(
        connection,
        ledger,
        () -> {
          Optional<Generation> current = current();
          if (current.isPresent()) {
            bringUpToDate(current.get());
            return current.get();
          }
          new Publication(connection, ledger).refuseForeignSchema();
          Generation first = created();
          new Publication(connection, ledger).publish(first);
          return first;
        });
  }

  private void bringUpToDate(Generation generation) throws SQLException {
    if (Migrations.areAllApplied(generation, connection)) {
      return;
    }
    // Views may be dropped and created: those over them go with them, and so do grants.
    Grants grants = Grants.of(connection, generation.schema());
    Migrations.of(generation).apply(connection);
    grants.repeatOn(connection, generation.schema());
    new Publication(connection, ledger).publish(generation);
  }

  /**
   * Creates a generation with a number above all there are, empty and not in use. Who may read the
   * one in use may read it.
   */
  public Generation create() throws SQLException {
    return AdvisoryLock.SCHEMAS.holding(connection, ledger, this::created);
  }

  private Generation created() throws SQLException {
    long highest = all().stream().mapToLong(Generation::number).max().orElse(0);
    Generation generation = new Generation(ledger, highest + 1);
    Sql.execute(connection, "CREATE SCHEMA " + generation.schema());
    FailPoint.hit("schema-created");
    Migrations.of(generation).apply(connection);
    Optional<Generation> current = current();
    if (current.isPresent()) {
      Grants.of(connection, current.get().schema()).repeatOn(connection, generation.schema());
    }
    FailPoint.hit("generation-created");
    return generation;
  }

  /** Makes a generation the one in use, in one step. */
  public void publish(Generation generation) throws SQLException {
    AdvisoryLock.SCHEMAS.holding(
        connection,
        ledger,
        () -> {
          new Publication(connection, ledger).publish(generation);
          return generation;
        });
  }

  /**
   * Drops all generations but the one in use, the one before it, which readers may still read, and
   * those that somebody keeps. Those that are read longer than we wait stay until the next time.
   * All stay when none is in use, because there is no way to know then which one is good.
   */
  public void dropOthers() throws SQLException {
    Optional<Generation> current = current();
    if (current.isEmpty()) {
      return;
    }
    List<Generation> all = all();
    long inUse = current.get().number();
    long before =
        all.stream().mapToLong(Generation::number).filter(n -> n < inUse).max().orElse(inUse);
    new Publication(connection, ledger).dropFormer();
    for (Generation generation : all) {
      if (generation.number() != inUse && generation.number() != before && !isKept(generation)) {
        drop(generation);
      }
    }
  }

  /** Drops a generation, or leaves it where somebody reads it or has something that needs it. */
  public void drop(Generation generation) throws SQLException {
    new SchemaDrop(connection)
        .dropUnlessNeeded(generation.schema(), generation.toString(), ledger.base());
  }

  /** Drops all generations, of a ledger that has no users. */
  public void dropAll() throws SQLException {
    for (Generation generation : all()) {
      drop(generation);
    }
  }

  /** Drops a schema that is no generation, with all tables that are in it. */
  public void dropSchema(String schema) throws SQLException {
    new SchemaDrop(connection).drop(schema);
  }

  /** Keeps a generation from being dropped, and says why. */
  public void keep(Generation generation, String why) throws SQLException {
    Sql.execute(
        connection,
        "COMMENT ON SCHEMA %s IS '%s%s'"
            .formatted(generation.schema(), KEPT, why.replace("'", "''").replace("\\", "/")));
  }

  private static final String KEPT = "kept: ";

  private boolean isKept(Generation generation) throws SQLException {
    return Sql.text(
            connection,
            "SELECT obj_description(?::regnamespace, 'pg_namespace')",
            generation.schema())
        .filter(comment -> comment.startsWith(KEPT))
        .isPresent();
  }

  private List<Generation> all() throws SQLException {
    return Sql.texts(
            connection,
            "SELECT nspname FROM pg_namespace WHERE starts_with(nspname::text, ?) ORDER BY nspname",
            ledger.base() + "_g")
        .stream()
        .flatMap(schema -> Generation.named(ledger, schema).stream())
        .toList();
  }

  /** The generation in use, read on a session of its own. */
  public static Optional<Generation> current(LedgerUrl ledger) throws SQLException {
    try (Connection connection = ledger.open(Purpose.READ)) {
      return new Generations(ledger, connection).current();
    }
  }
}
