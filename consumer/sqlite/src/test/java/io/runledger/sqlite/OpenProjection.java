package io.runledger.sqlite;

import io.runledger.contract.Deliveries;
import io.runledger.fold.projection.Projection;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An empty database that is written to, for each test of a class. */
abstract class OpenProjection {

  @TempDir Path directory;
  Path database;
  Projection projection;

  @BeforeEach
  void openTheDatabase() {
    database = directory.resolve("runledger.db");
    projection = Deliveries.open(new TestFile(database));
  }

  @AfterEach
  void closeTheDatabase() {
    projection.close();
  }
}
