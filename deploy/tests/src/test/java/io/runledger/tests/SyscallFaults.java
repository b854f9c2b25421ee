package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.process.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;

/**
 * The writer of a database is killed at, or fails in, an exact system call: the N-th write or the
 * N-th sync. The database is whole after each, and its positions and its events agree.
 */
final class SyscallFaults implements Scenario {

  /** More writes than one life of the writer makes. */
  private static final int WRITES = 220;

  private static final int SYNCS = 40;

  @Override
  public String name() {
    return "exact-system-calls";
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    Assumptions.assumeTrue(
        run(List.of("strace", "-o", "/dev/null", "true"), laboratory) == 0,
        "strace may not trace here.");
    Random random = laboratory.random();
    int faults = laboratory.times(6, 100);
    int hit = 0;
    Path database = laboratory.directory().resolve("syscalls/runledger.db");
    long end = 0;
    for (int i = 0; i < faults; i++) {
      end += 60;
      int code = writeUnderFault(laboratory, random, i % 5, database, end);
      hit += code == 0 ? 0 : 1;
      if (Files.exists(database)) {
        assertInStep(database);
      }
    }
    assertThat(
            run(
                ChildJvm.of(
                        List.of(), ProjectionWriter.class, database.toString(), Long.toString(end))
                    .command(),
                laboratory))
        .isZero();
    assertInStep(database);
    assertThat(Ledgers.count(database, "metric_points")).isEqualTo(end * ProjectionWriter.EVENTS);
    assertThat(hit).as("faults that the writer did not survive").isGreaterThan(faults / 2);
    return new Tally(hit, end * ProjectionWriter.EVENTS, 0, 0);
  }

  private static int writeUnderFault(
      Laboratory laboratory, Random random, int kind, Path database, long end)
      throws IOException, InterruptedException {
    int write = 1 + random.nextInt(WRITES);
    int sync = 1 + random.nextInt(SYNCS);
    String fault =
        switch (kind) {
          case 0, 1 -> "inject=pwrite64:signal=SIGKILL:when=" + write;
          case 2 -> "inject=fdatasync,fsync:signal=SIGKILL:when=" + sync;
          case 3 -> "inject=pwrite64:error=ENOSPC:when=" + write + "+";
          default -> "inject=fdatasync,fsync:error=EIO:when=" + sync;
        };
    List<String> command =
        new ArrayList<>(
            List.of("strace", "-f", "-o", "/dev/null", "-e", "trace=pwrite64,fdatasync,fsync"));
    command.addAll(List.of("-e", fault));
    command.addAll(
        ChildJvm.of(List.of(), ProjectionWriter.class, database.toString(), Long.toString(end))
            .command());
    return run(command, laboratory);
  }

  private static void assertInStep(Path database) throws Exception {
    Ledgers.assertSound(database);
    if (Ledgers.count(database, "positions") == 0) {
      assertThat(Ledgers.count(database, "metric_points")).isZero();
      return;
    }
    long events =
        Long.parseLong(LedgerSql.single(database, "SELECT next_offset FROM positions"))
            * ProjectionWriter.EVENTS;
    assertThat(Ledgers.count(database, "metric_points")).isEqualTo(events);
    assertThat(LedgerSql.single(database, "SELECT coalesce(sum(events), 0) FROM event_streams"))
        .isEqualTo(Long.toString(events));
  }

  private static int run(List<String> command, Laboratory laboratory)
      throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(
            ProcessBuilder.Redirect.appendTo(
                laboratory.directory().resolve("syscalls.log").toFile()))
        .start()
        .waitFor();
  }
}
