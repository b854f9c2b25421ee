package io.runledger.tests;

import io.runledger.contract.Deliveries;
import io.runledger.fold.projection.Projection;
import io.runledger.sqlite.SqliteProjection;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests of the page in one browser that starts once for a class. Each test has a ledger and a
 * server, and leaves the browser as it found it.
 */
abstract class BrowserTest {

  static Browser browser;

  @TempDir private static Path profile;
  @TempDir Path directory;
  Projection projection;
  ServedPage page;

  @BeforeAll
  static void startBrowser() throws IOException, InterruptedException {
    browser = Browser.start(profile);
  }

  @AfterAll
  static void endBrowser() {
    if (browser != null) {
      browser.close();
    }
  }

  @AfterEach
  void leaveThePage() {
    browser.size(1400, 900);
    browser.open("about:blank");
    browser.complaints();
    browser.forget();
    if (page != null) {
      page.close();
    }
    if (projection != null) {
      projection.close();
    }
  }

  final Path database() {
    return directory.resolve("runledger.db");
  }

  /** Makes the ledger, for a test that writes it itself. */
  final void openLedger() {
    projection = Deliveries.claimed(SqliteProjection.open(database()));
  }

  /** Serves the ledger with further options of {@code serve}. */
  final void serve(String... options) throws IOException {
    page = new ServedPage(directory, database(), options);
  }
}
