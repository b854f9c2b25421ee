package io.runledger.gateway.mlflow;

import io.runledger.schemas.RunId;
import java.util.Optional;

/** What the ledger knows of runs that the gateway does not remember. Thread-safe. */
public interface KnownRuns {

  /** The run; empty when there is none. */
  Optional<MlflowRun> find(RunId run);

  /** The project that has this number; empty when no run is in such a one. */
  Optional<String> project(String number);
}
