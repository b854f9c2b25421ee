package io.runledger.bench;

import io.runledger.bench.load.BenchException;
import java.io.IOException;
import java.sql.SQLException;

/** Something that can be measured: adds its figures to the session. */
interface Benchmark {

  /**
   * Runs the benchmark.
   *
   * @throws BenchException when it cannot run, or when its result does not match its input
   */
  void run(Session session) throws IOException, SQLException, InterruptedException;
}
