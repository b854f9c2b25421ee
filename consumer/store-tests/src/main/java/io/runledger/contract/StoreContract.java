package io.runledger.contract;

import java.nio.file.Path;
import org.junit.jupiter.api.Nested;

/**
 * All that every store must hold: the rows of the oracle in whatever way events come, the rules of
 * runs and metrics, batches that are whole, and a second writer that is fenced off. A store's test
 * extends this class and nothing else.
 */
public abstract class StoreContract extends ConvergenceContract {

  @Nested
  class Batches extends BatchContract {
    @Override
    protected TestDatabase database(Path directory, String name) {
      return StoreContract.this.database(directory, name);
    }
  }

  @Nested
  class Claims extends ClaimContract {
    @Override
    protected TestDatabase database(Path directory, String name) {
      return StoreContract.this.database(directory, name);
    }
  }

  @Nested
  class RunStatus extends RunStatusContract {
    @Override
    protected TestDatabase database(Path directory, String name) {
      return StoreContract.this.database(directory, name);
    }
  }

  @Nested
  class Metrics extends MetricContract {
    @Override
    protected TestDatabase database(Path directory, String name) {
      return StoreContract.this.database(directory, name);
    }
  }

  @Nested
  class JoinedStarts extends JoinedStartContract {
    @Override
    protected TestDatabase database(Path directory, String name) {
      return StoreContract.this.database(directory, name);
    }
  }

  @Nested
  class ConfigUpdates extends ConfigUpdateContract {
    @Override
    protected TestDatabase database(Path directory, String name) {
      return StoreContract.this.database(directory, name);
    }
  }

  @Nested
  class RunSummaries extends RunSummaryContract {
    @Override
    protected TestDatabase database(Path directory, String name) {
      return StoreContract.this.database(directory, name);
    }
  }

  @Nested
  class Operators extends OperatorContract {
    @Override
    protected TestDatabase database(Path directory, String name) {
      return StoreContract.this.database(directory, name);
    }
  }

  @Nested
  class Alerts extends AlertContract {
    @Override
    protected TestDatabase database(Path directory, String name) {
      return StoreContract.this.database(directory, name);
    }
  }

  @Nested
  class TheOracle extends OracleContract {
    @Override
    protected TestDatabase database(Path directory, String name) {
      return StoreContract.this.database(directory, name);
    }
  }
}
