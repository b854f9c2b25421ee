package io.runledger.postgres.connection;

import io.runledger.config.DatabaseLocation;

/** What a session is for: how it is called in pg_stat_activity, and how long it waits. */
public enum Purpose {
  /**
   * Applies batches. A commit is on disk when it returns. Whoever locks a table for longer than its
   * lock_timeout holds it up, and nothing is lost.
   */
  WRITE("runledger writer", 300, "lock_timeout = '10s'"),
  /** Fills a generation that nobody reads yet; finishing it makes it durable. */
  FILL(
      "runledger rebuild",
      0,
      "lock_timeout = '60s'; SET synchronous_commit = off; SET statement_timeout = 0"),
  /** Reads alongside a writer. */
  READ("runledger reader", 60, "default_transaction_read_only = on; SET statement_timeout = '30s'"),
  /** Reads everything, which takes as long as it takes. */
  READ_ALL("runledger verify", 0, "default_transaction_read_only = on; SET statement_timeout = 0"),
  /** Creates, publishes and drops generations. */
  ADMINISTER("runledger", 0, "lock_timeout = '10s'; SET statement_timeout = 0");

  /** A client that vanished without a word gives its locks back within a minute. */
  private static final String EVERY =
      DatabaseLocation.Server.EXACT
          + """
          SET tcp_keepalives_idle = 30;
          SET tcp_keepalives_interval = 10;
          SET tcp_keepalives_count = 3;
          SET\s""";

  private final String application;
  private final int socketTimeoutSeconds;
  private final String settings;

  Purpose(String application, int socketTimeoutSeconds, String settings) {
    this.application = application;
    this.socketTimeoutSeconds = socketTimeoutSeconds;
    this.settings = settings;
  }

  String application() {
    return application;
  }

  /** How long the client waits for an answer of the server, 0 for ever. */
  int socketTimeoutSeconds() {
    return socketTimeoutSeconds;
  }

  /** What a session begins with: statements. */
  public String settings() {
    return EVERY + settings;
  }
}
