package io.runledger.cli;

import io.runledger.agent.KnownRuns;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.query.Ledger;
import io.runledger.query.LocatedRun;
import io.runledger.query.RunSelector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Asks the database for the run that an operator typed. */
public final class KnownRunsOfLedger implements KnownRuns {

  /** For the service loader. */
  public KnownRunsOfLedger() {}

  @Override
  public Optional<Known> find(String typed, Configuration configuration) {
    Path database = configuration.path(Setting.DB);
    if (!Files.exists(database)) {
      return Optional.empty();
    }
    try (Ledger ledger = Ledger.open(database)) {
      LocatedRun found = ledger.locate(RunSelector.parse(typed));
      return Optional.of(new Known(found.run(), found.newestAttempt()));
    }
  }
}
