package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.process.ChildJvm;
import io.runledger.schemas.RunId;
import io.runledger.stack.LocalStack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Many processes use one spool at the same time, as workers forked from one job do: each logs and
 * sends, and {@code runledger sync} comes by again and again. Each event arrives, once.
 */
final class SharedSpool implements Scenario {

  private static final int CALLS = 1_000;

  @Override
  public String name() {
    return "spool-shared";
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    int rounds = laboratory.times(1, 8);
    int together = 4;
    Path spool = laboratory.directory().resolve("spool");
    try (LocalStack stack = laboratory.stack()) {
      Map<String, String> settings = new HashMap<>();
      settings.put("HOME", laboratory.directory().toString());
      settings.put("RUNLEDGER_CONFIG", stack.propertiesFile().toString());
      settings.put("RUNLEDGER_SPOOL", spool.toString());
      Distribution distribution = new Distribution(laboratory.directory());
      for (int round = 0; round < rounds; round++) {
        List<Process> jobs = new ArrayList<>();
        for (int job = 0; job < together; job++) {
          jobs.add(start(laboratory, settings, round * together + job));
        }
        do {
          Distribution.Result passing = distribution.run(settings, "sync");
          // Not all can be sent while somebody still writes, and this is reported.
          assertThat(passing.code()).as(passing.toString()).isBetween(0, 1);
        } while (jobs.stream().anyMatch(Process::isAlive));
        for (Process job : jobs) {
          assertThat(job.exitValue()).isZero();
        }
      }
      Distribution.Result last = distribution.run(settings, "sync");
      assertThat(last.code()).as(last.toString()).isZero();
      try (Stream<Path> left = Files.walk(spool)) {
        assertThat(left.filter(Files::isRegularFile)).isEmpty();
      }
      try (ServiceProcess service = ServiceProcess.start(laboratory.directory(), stack)) {
        service.awaitCaughtUp();
        for (int job = 0; job < rounds * together; job++) {
          assertThat(
                  LedgerSql.single(
                      service.database(),
                      "SELECT count(*) || '/' || sum(p.value = p.step) FROM metric_points p"
                          + " JOIN metric_series s USING (series_id)"
                          + " WHERE s.name = 'i' AND s.run_id = ?",
                      RunId.of(LoggingJob.key(job)).value()))
              .isEqualTo(CALLS + "/" + CALLS);
        }
        assertThat(Ledgers.count(service.database(), "stream_gaps")).isZero();
        Ledgers.assertVerified(laboratory.directory(), stack, service.database());
      }
    }
    return new Tally(rounds * together, (long) rounds * together * CALLS, 0, 0);
  }

  private static Process start(Laboratory laboratory, Map<String, String> settings, int job)
      throws Exception {
    ProcessBuilder builder =
        ChildJvm.of(List.of(), LoggingJob.class, "" + job, "" + CALLS, "return")
            .redirectErrorStream(true)
            .redirectOutput(laboratory.directory().resolve("job-" + job + ".log").toFile());
    builder.environment().putAll(settings);
    return builder.start();
  }
}
