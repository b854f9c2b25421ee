package io.runledger.sqlite;

import io.runledger.contract.StoreContract;
import io.runledger.contract.TestDatabase;
import java.nio.file.Path;

/** SQLite holds what every store must hold. */
class SqliteStoreTest extends StoreContract {

  @Override
  protected TestDatabase database(Path directory, String name) {
    return new TestFile(directory.resolve(name + ".db"));
  }
}
