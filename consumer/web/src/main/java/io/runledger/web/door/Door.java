package io.runledger.web.door;

import io.runledger.config.Configuration;
import io.runledger.http.Call;
import io.runledger.http.Reply;
import io.runledger.http.Route;
import io.runledger.query.Ledger;
import java.io.IOException;
import java.util.List;

/**
 * Takes events that come over HTTP: what it has accepted is in a file, and the database has it when
 * the events have come. Whoever can write a spool provides its {@link Factory} as a service ({@link
 * java.util.ServiceLoader}). Thread-safe.
 */
public interface Door extends AutoCloseable {

  /** Opens a door to the ledger of these settings. */
  interface Factory {

    /**
     * A door that has opened no file yet.
     *
     * @param ledger where it asks what it does not remember; not closed by it
     */
    Door open(Configuration configuration, Ledger ledger);
  }

  /**
   * Takes a batch of lines of events.
   *
   * @throws IOException when it could not be stored
   */
  Reply events(Call call) throws IOException, InterruptedException;

  /** What it answers besides, of the calls of other trackers' clients. */
  List<Route> routes();

  /** What it has accepted through these calls. */
  Accepted accepted();

  @Override
  void close();
}
