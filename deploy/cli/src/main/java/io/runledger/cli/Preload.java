package io.runledger.cli;

import io.runledger.query.Ledger;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Loads SQLite and the query library on its own thread, while the command line is read. */
final class Preload {

  private static final List<String> HELP = List.of("--help", "-h", "--version", "-V");

  private final Thread thread = new Thread(this::load, "runledger-preload");
  private volatile Optional<Throwable> failure = Optional.empty();

  private Preload() {
    thread.setDaemon(true);
  }

  /** Starts loading, if the command line is that of a verb that will query a database. */
  static Optional<Preload> of(Optional<Verb> verb, List<String> words) {
    if (verb.filter(Verb::reads).isEmpty() || words.stream().anyMatch(HELP::contains)) {
      return Optional.empty();
    }
    Preload preload = new Preload();
    preload.thread.start();
    return Optional.of(preload);
  }

  private void load() {
    try {
      Ledger.preload();
    } catch (RuntimeException | LinkageError e) {
      failure = Optional.of(e);
    }
  }

  /**
   * Why it failed. A library that could not be loaded is not loaded again: the verb then meets an
   * error that does not say why.
   */
  Optional<Throwable> failure() {
    try {
      thread.join(TimeUnit.SECONDS.toMillis(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return failure;
  }
}
