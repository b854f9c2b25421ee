package io.runledger.cli;

import io.runledger.agent.CompletedRuns;
import io.runledger.config.Configuration;
import io.runledger.query.Ledger;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import java.util.Optional;

/** Asks the database which runs are completed, for {@code runledger exec --skip-if-completed}. */
public final class CompletedRunsOfLedger implements CompletedRuns {

  /** For the service loader. */
  public CompletedRunsOfLedger() {}

  @Override
  public boolean isCompleted(RunId run, Configuration configuration) {
    try (Ledger ledger = Ledger.open(configuration.database())) {
      return ledger
          .run(run)
          .filter(known -> known.status() == RunStatus.COMPLETED)
          // A cancelled run has no results, although it is completed.
          .filter(known -> !known.statusReason().equals(Optional.of("cancelled")))
          .isPresent();
    }
  }
}
