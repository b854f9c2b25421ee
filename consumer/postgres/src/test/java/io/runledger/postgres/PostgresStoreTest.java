package io.runledger.postgres;

import io.runledger.contract.StoreContract;
import io.runledger.contract.TestDatabase;
import java.nio.file.Path;

/** PostgreSQL holds what every store must hold. */
class PostgresStoreTest extends StoreContract {

  @Override
  protected TestDatabase database(Path directory, String name) {
    return TestLedger.of(directory, name);
  }
}
