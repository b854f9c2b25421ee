package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is opened before the tests of a class is on the store of the tests. */
@OnEachStore
class EachStoreTest {

  @TempDir private static Path directory;
  private static Laboratory laboratory;

  @BeforeEachStore
  static void open() {
    laboratory = Laboratory.empty(directory);
  }

  @AfterEachStore
  static void close() {
    laboratory.close();
  }

  @Test
  void whatTheTestsShareIsOnTheirStore() {
    assertThat(laboratory.isPostgres()).isEqualTo(EachStore.current() == EachStore.Store.POSTGRES);
  }
}
