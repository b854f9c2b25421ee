package io.runledger.cli;

import io.runledger.agent.KnownRuns;
import io.runledger.config.Configuration;
import io.runledger.config.DatabaseLocation;
import io.runledger.config.DatabaseLocation.File;
import io.runledger.options.RunChoice;
import io.runledger.query.Ledger;
import io.runledger.query.failure.LedgerNotFoundException;
import io.runledger.query.runs.LocatedRun;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.runs.RunSelector;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Asks the database for the runs that an operator typed or chose. */
public final class KnownRunsOfLedger implements KnownRuns {

  /** For the service loader. */
  public KnownRunsOfLedger() {}

  @Override
  public Optional<Known> find(String typed, Configuration configuration) {
    return asked(configuration, ledger -> known(ledger.locate(RunSelector.parse(typed))));
  }

  @Override
  public Optional<List<Known>> choose(
      RunChoice choice, boolean deleted, Configuration configuration) {
    RunFilter filter = RunFilter.of(choice, Integer.MAX_VALUE);
    return asked(
        configuration,
        ledger ->
            ledger.locateAll(filter, deleted).stream().map(KnownRunsOfLedger::known).toList());
  }

  private static <T> Optional<T> asked(Configuration configuration, Function<Ledger, T> question) {
    DatabaseLocation database = configuration.database();
    if (database instanceof File file && !Files.exists(file.path())) {
      return Optional.empty();
    }
    try (Ledger ledger = Ledger.open(database)) {
      return Optional.of(question.apply(ledger));
    } catch (LedgerNotFoundException e) {
      if (database instanceof File) {
        throw e;
      }
      // On a server, as where there is no file.
      return Optional.empty();
    }
  }

  private static Known known(LocatedRun run) {
    return new Known(run.run(), run.newestAttempt(), run.status().word(), run.name().orElse(""));
  }
}
