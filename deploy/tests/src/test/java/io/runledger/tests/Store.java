package io.runledger.tests;

import java.util.Locale;

/** Where a scenario has its database. */
enum Store {
  SQLITE,
  POSTGRES;

  /** That of {@code -Drunledger.store=NAME}; SQLite where none is named. */
  static Store chosen() {
    return valueOf(System.getProperty("runledger.store", "sqlite").toUpperCase(Locale.ROOT));
  }
}
