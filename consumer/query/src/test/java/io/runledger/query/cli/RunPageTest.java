package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.query.Ledger;
import io.runledger.query.OnEachStore;
import io.runledger.query.Snapshot;
import io.runledger.schemas.RunId;
import org.junit.jupiter.api.Test;

@OnEachStore
class RunPageTest extends OpenLaboratory {

  /** The curves were of a later moment than the numbers next to them. */
  @Test
  void allOfThePageIsOfOneMoment() {
    Events job = Events.ofSeed(1);
    laboratory.deliver(job.started(), job.metric("loss", 1, 0.5));

    try (Ledger ledger = laboratory.open();
        Snapshot snapshot = ledger.snapshot()) {
      RunId run = job.run();
      laboratory.deliver(job.metric("loss", 2, 0.25), job.metric("f1", 2, 0.25));

      RunPage page = RunPage.of(snapshot, run);

      assertThat(page.details().metrics()).hasSize(1);
      assertThat(page.curves()).containsOnlyKeys("loss");
      assertThat(page.curves().get("loss").points()).isOne();
    }
  }
}
