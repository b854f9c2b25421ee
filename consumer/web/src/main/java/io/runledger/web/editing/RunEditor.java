package io.runledger.web.editing;

import io.runledger.config.Configuration;
import io.runledger.schemas.RunId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Records what people change, as events like all others: the database has it when the events have
 * come. Thread-safe. Whoever can write a spool provides its {@link Factory} as a service ({@link
 * java.util.ServiceLoader}).
 */
public interface RunEditor extends AutoCloseable {

  /** Opens an editor for the ledger of these settings. */
  interface Factory {
    RunEditor open(Configuration configuration);

    /**
     * The settings with the spool that the database is made of, where they name the database alone.
     */
    Configuration ofLedger(Configuration configuration);
  }

  /**
   * Changes notes and tags.
   *
   * @param notes the new notes, an empty text for none; empty to leave them
   */
  void annotate(RunId run, Optional<String> notes, List<String> added, List<String> removed)
      throws IOException;

  /** Hides the run. */
  void delete(RunId run, Optional<String> reason) throws IOException;

  /** Shows it again. */
  void restore(RunId run, Optional<String> reason) throws IOException;

  @Override
  void close();
}
