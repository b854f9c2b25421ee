package io.runledger.cli;

import io.runledger.agent.KnownRuns.Known;
import io.runledger.client.OperatedRun;
import io.runledger.client.Tracker;
import io.runledger.client.sender.SpoolCheck;
import io.runledger.config.Configuration;
import io.runledger.config.NotFoundException;
import io.runledger.schemas.RunId;
import io.runledger.web.editing.RunEditor;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Records what people change on the page as {@code tag}, {@code note}, {@code delete} and {@code
 * restore} do: in the spool, which is sent or followed like any job's.
 */
public final class EditorOfSpool implements RunEditor {

  /** Made by the service loader. */
  public static final class Factory implements RunEditor.Factory {

    /** For the service loader. */
    public Factory() {}

    @Override
    public RunEditor open(Configuration configuration) {
      return new EditorOfSpool(configuration);
    }

    @Override
    public Configuration ofLedger(Configuration configuration) {
      return SpoolCheck.nextToDatabase(configuration);
    }
  }

  private interface Change {
    void append(OperatedRun run) throws IOException;
  }

  private final Configuration configuration;
  private Optional<Tracker> tracker = Optional.empty();

  public EditorOfSpool(Configuration configuration) {
    this.configuration = configuration;
  }

  @Override
  public void annotate(RunId run, Optional<String> notes, List<String> added, List<String> removed)
      throws IOException {
    change(run, operated -> operated.annotate(notes, added, removed));
  }

  @Override
  public void delete(RunId run, Optional<String> reason) throws IOException {
    change(run, operated -> operated.delete(reason));
  }

  @Override
  public void restore(RunId run, Optional<String> reason) throws IOException {
    change(run, operated -> operated.restore(reason));
  }

  private void change(RunId run, Change change) throws IOException {
    Known known =
        new KnownRunsOfLedger()
            .find("id:" + run, configuration)
            .orElseThrow(() -> new NotFoundException("There is no run " + run + "."));
    try (OperatedRun operated = tracker().operate(known.run(), known.newestAttempt())) {
      change.append(operated);
    }
  }

  /** Opened with the first change: most servers are only read. */
  private synchronized Tracker tracker() {
    if (tracker.isEmpty()) {
      tracker = Optional.of(Tracker.open(configuration));
    }
    return tracker.get();
  }

  @Override
  public synchronized void close() {
    tracker.ifPresent(Tracker::close);
    tracker = Optional.empty();
  }
}
