package io.runledger.contract;

import io.runledger.fold.projection.Projection;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An empty database that is written to, for each test of a class. */
abstract class OpenProjection extends Contract {

  @TempDir Path directory;
  TestDatabase database;
  Projection projection;

  @BeforeEach
  void openTheDatabase() {
    database = database(directory, "runledger");
    projection = Deliveries.open(database);
  }

  @AfterEach
  void closeTheDatabase() {
    projection.close();
  }
}
