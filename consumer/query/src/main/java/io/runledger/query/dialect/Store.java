package io.runledger.query.dialect;

import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.config.JdbiConfig;

/**
 * Which store a handle reads from. Most statements are one text for both; where they are not, this
 * chooses. A handle is given its store when it is made.
 */
public final class Store implements JdbiConfig<Store> {

  private boolean postgres;

  /** SQLite, until it is set. */
  public Store() {}

  private Store(boolean postgres) {
    this.postgres = postgres;
  }

  /** The store of a handle. */
  public static Store of(Handle handle) {
    return handle.getConfig(Store.class);
  }

  /** From now on it is PostgreSQL. */
  public void setPostgres() {
    postgres = true;
  }

  /** Whether it is PostgreSQL. */
  public boolean isPostgres() {
    return postgres;
  }

  /** The text that is meant for this store. */
  public String choose(String ofSqlite, String ofPostgres) {
    return postgres ? ofPostgres : ofSqlite;
  }

  /**
   * How it is asked for fields.
   *
   * @param now until when a run that has not ended has taken
   */
  public FieldDialect dialect(Instant now) {
    return dialect(now, 1);
  }

  /**
   * The same for a statement that wants so many runs.
   *
   * @param runs at most; a statement that has to look at all of them wants as many as there are
   */
  public FieldDialect dialect(Instant now, int runs) {
    return postgres
        ? new PostgresFilterDialect(now)
        : new SqliteFilterDialect(now, runs >= SqliteFilterDialect.MANY);
  }

  @Override
  public Store createCopy() {
    return new Store(postgres);
  }
}
