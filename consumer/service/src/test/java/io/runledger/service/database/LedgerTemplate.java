package io.runledger.service.database;

import io.runledger.sqlite.SqliteProjection;
import io.runledger.sqlite.file.Generation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A database that is made once and copied for each test, which costs a tenth. */
public final class LedgerTemplate {

  /** How the first one is made. */
  public interface Maker {
    void make(Path database) throws InterruptedException;
  }

  /** Holds nothing yet. */
  public static final LedgerTemplate EMPTY =
      new LedgerTemplate(database -> SqliteProjection.open(database).close());

  private final Maker maker;
  private byte[] content = {};

  public LedgerTemplate(Maker maker) {
    this.maker = maker;
  }

  /** Puts one there. */
  public void copyTo(Path database) throws InterruptedException {
    try {
      if (content.length == 0) {
        maker.make(database);
        content = Files.readAllBytes(Generation.current(database).orElseThrow().file());
      } else {
        Generation copy = Generation.next(database);
        Files.write(copy.file(), content);
        copy.publish();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
