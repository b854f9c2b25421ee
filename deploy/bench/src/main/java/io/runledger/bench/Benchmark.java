package io.runledger.bench;

import io.runledger.bench.load.BenchException;
import java.io.IOException;
import java.sql.SQLException;

/** Something that can be measured: adds its figures to the session. */
interface Benchmark {

  /**
   * Measures.
   *
   * @throws BenchException when it cannot, or when what came out is not what was put in
   */
  void run(Session session) throws IOException, SQLException, InterruptedException;
}
