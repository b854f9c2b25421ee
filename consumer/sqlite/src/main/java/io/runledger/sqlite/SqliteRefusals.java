package io.runledger.sqlite;

import io.runledger.rows.Refusals;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What SQLite's errors are about. */
enum SqliteRefusals implements Refusals {
  INSTANCE;

  @Override
  public boolean isAboutTheData(SQLException e) {
    if (!(e instanceof SQLiteException sqlite)) {
      return false;
    }
    return switch (sqlite.getResultCode().code & 0xff) {
      // A general error, but never one of the database: numbers that are too large together.
      case 1 -> String.valueOf(e.getMessage()).contains("integer overflow");
      case 18 /* TOOBIG */, 19 /* CONSTRAINT */, 20 /* MISMATCH */, 25 /* RANGE */ -> true;
      default -> false;
    };
  }

  @Override
  public boolean isOfTheTable(SQLException e) {
    return e instanceof SQLiteException sqlite
        && (sqlite.getResultCode().code & 0xff) == SQLiteErrorCode.SQLITE_CONSTRAINT.code;
  }
}
