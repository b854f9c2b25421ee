package io.runledger.tests;

import io.runledger.postgres.server.TestServer;
import io.runledger.stack.LocalStack;
import io.runledger.stack.StackOptions;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;

/** A fault, and what must hold after it. */
interface Scenario {

  String name();

  /** On which stores it can run. */
  default Set<Store> stores() {
    return EnumSet.of(Store.SQLITE);
  }

  /** Runs it; an assertion that fails is its failure. */
  Tally run(Laboratory laboratory) throws Exception;

  /**
   * Where a scenario runs.
   *
   * @param directory its own, empty
   * @param seed what all that it draws depends on
   * @param full whether the large numbers are wanted
   * @param store where its databases are
   */
  record Laboratory(Path directory, long seed, boolean full, Store store) {

    Random random() {
      return new Random(seed);
    }

    int times(int fast, int many) {
      return full ? many : fast;
    }

    LocalStack stack() {
      return LocalStack.start(directory.resolve("data"), StackOptions.freePorts());
    }

    /** The ledger of a stack, with its database in the store of this laboratory. */
    TestLedger ledger(LocalStack stack) {
      TestLedger ledger = TestLedger.of(stack);
      return store == Store.SQLITE
          ? ledger
          : ledger.withDatabase(TestServer.shared().emptyDatabase());
    }
  }

  /**
   * What was counted.
   *
   * @param faults kills, pauses, deletions: whatever was done to the line
   * @param acknowledged events whose call returned, or that the broker took: all must be there
   * @param perhaps events in flight when a process died: each may be there, once
   * @param failed events whose call said that they were not stored: none may be there
   */
  record Tally(int faults, long acknowledged, long perhaps, long failed) {}
}
