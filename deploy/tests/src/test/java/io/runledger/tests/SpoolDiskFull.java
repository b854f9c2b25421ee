package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.process.ChildJvm;
import io.runledger.schemas.RunId;
import io.runledger.stack.LocalStack;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The disk of the spool is full and the broker away. The job runs to its end; how it ended and how
 * much was dropped arrives later, and what was dropped and what arrived is what was logged.
 */
final class SpoolDiskFull implements Scenario {

  private static final int CALLS = 30_000;

  @Override
  public String name() {
    return "spool-disk-full";
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    int jobs = laboratory.times(2, 8);
    long stored = 0;
    long dropped = 0;
    try (LocalStack stack = laboratory.stack()) {
      for (int job = 0; job < jobs; job++) {
        try (SmallDisk disk = SmallDisk.mount(laboratory.directory().resolve("spool-" + job), 2)) {
          runJob(laboratory, disk.directory(), job);
          Distribution.Result sent =
              new Distribution(laboratory.directory())
                  .run(
                      Map.of(
                          "RUNLEDGER_CONFIG", stack.propertiesFile().toString(),
                          "RUNLEDGER_SPOOL", disk.directory().toString()),
                      "sync");
          assertThat(sent.code()).as(sent.toString()).isZero();
        }
      }
      try (ServiceProcess service = ServiceProcess.start(laboratory.directory(), stack)) {
        service.awaitCaughtUp();
        Path database = service.database();
        for (int job = 0; job < jobs; job++) {
          long run = RunId.of(LoggingJob.key(job)).value();
          String end = job % 2 == 0 ? "completed" : "failed";
          assertThat(LedgerSql.single(database, "SELECT status FROM runs WHERE run_id = ?", run))
              .isEqualTo(end);
          assertThat(
                  LedgerSql.single(
                      database, "SELECT count(*) FROM run_errors WHERE run_id = ?", run))
              .isEqualTo(end.equals("failed") ? "1" : "0");
          long kept =
              number(
                  database,
                  "SELECT count(*) FROM metric_points JOIN metric_series s USING (series_id)"
                      + " WHERE s.name = 'i' AND s.run_id = ?",
                  run);
          long told =
              number(database, "SELECT dropped_events FROM run_attempts WHERE run_id = ?", run);
          assertThat(kept + told).as("kept %d and dropped %d", kept, told).isEqualTo(CALLS);
          assertThat(told).as("dropped").isPositive();
          stored += kept;
          dropped += told;
        }
        assertThat(Ledgers.count(database, "stream_gaps")).isZero();
      }
    }
    return new Tally(jobs, stored, 0, dropped);
  }

  private static long number(Path database, String sql, long run) throws Exception {
    return Long.parseLong(LedgerSql.single(database, sql, run));
  }

  private static void runJob(Laboratory laboratory, Path spool, int job) throws Exception {
    String end = job % 2 == 0 ? "return" : "throw";
    ProcessBuilder builder =
        ChildJvm.of(List.of(), LoggingJob.class, "" + job, "" + CALLS, end)
            .redirectErrorStream(true)
            .redirectOutput(laboratory.directory().resolve("job-" + job + ".log").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "HOME",
                laboratory.directory().toString(),
                "RUNLEDGER_SPOOL",
                spool.toString(),
                "RUNLEDGER_BOOTSTRAP_SERVERS",
                "127.0.0.1:1",
                "RUNLEDGER_CLOSE_TIMEOUT_MS",
                "100"));
    Process process = builder.start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isEqualTo(end.equals("return") ? 0 : 1);
  }
}
