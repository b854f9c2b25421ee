package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.opentest4j.TestAbortedException;

/**
 * Every fault that the promises cover, with one line of the report each. {@code
 * -Drunledger.faults=full} runs the large numbers, {@code -Drunledger.seed=N} repeats a run, {@code
 * -Drunledger.scenario=NAME,NAME} runs those, and {@code -Drunledger.store=postgres} runs those
 * that can be run on that store, on it.
 */
class FaultsIT {

  private static final long SEED = Long.getLong("runledger.seed", 20_261_123);
  private static final boolean FULL = "full".equals(System.getProperty("runledger.faults"));
  private static final Store STORE = Store.chosen();
  private static final Set<String> ONLY =
      Arrays.stream(System.getProperty("runledger.scenario", "").split(",", -1))
          .filter(name -> !name.isBlank())
          .collect(Collectors.toSet());
  private static final Path REPORT = Path.of("target", "faults-report.txt");
  private static final String LINE =
      "%-28s seed %-8s faults %5s  acknowledged %7s  perhaps %4s  failed %6s  %-7s %5s s";

  /** JUnit's own time limits do not apply to dynamic tests. Ten times what the slowest takes. */
  private static final Duration LIMIT = FULL ? Duration.ofHours(1) : Duration.ofMinutes(10);

  @TempDir private static Path directory;

  static List<Scenario> scenarios() {
    return List.of(
        new ServiceKills(),
        new JobKills(),
        new FollowerKills(),
        new SpoolDamaged(),
        new ForeignFiles(),
        new SpoolDiskFull(),
        new SharedSpool(),
        new SilentBrokers(),
        new BrokerFaults(),
        new ZombieService(),
        new ManyServices(),
        new LogFaults(),
        new LogRollback(),
        new PartitionsAdded(),
        new RebuildKills(),
        new RegistryFaults(),
        new FullDisk(),
        new DamagedDatabase(),
        new SyscallFaults(),
        new PostgresFaults(),
        new MembersComeAndGo());
  }

  @BeforeAll
  static void beginTheReport() throws IOException {
    System.out.printf("Faults: seed %d, %s, %s%n", SEED, FULL ? "full" : "fast", STORE);
    Files.createDirectories(REPORT.getParent());
    Files.deleteIfExists(REPORT);
  }

  /** Two at a time where -Djunit.jupiter.execution.parallel.enabled=true asks for it. */
  @TestFactory
  @Execution(ExecutionMode.CONCURRENT)
  Stream<DynamicTest> faults() {
    return scenarios().stream()
        .filter(scenario -> scenario.stores().contains(STORE))
        .filter(scenario -> ONLY.isEmpty() || ONLY.contains(scenario.name()))
        .map(
            scenario ->
                DynamicTest.dynamicTest(
                    scenario.name(),
                    () -> assertTimeoutPreemptively(LIMIT, () -> run(scenario), scenario::name)));
  }

  private static void run(Scenario scenario) throws Exception {
    Path own = Files.createDirectories(directory.resolve(scenario.name()));
    long begun = System.nanoTime();
    String result = "FAILED";
    Scenario.Tally tally = new Scenario.Tally(0, 0, 0, 0);
    try {
      tally = scenario.run(new Scenario.Laboratory(own, SEED, FULL, STORE));
      assertThat(tally.faults()).as("a scenario without a fault proves nothing").isPositive();
      result = "ok";
    } catch (TestAbortedException e) {
      result = "skipped";
      throw e;
    } finally {
      report(
          LINE.formatted(
              scenario.name(),
              SEED,
              tally.faults(),
              tally.acknowledged(),
              tally.perhaps(),
              tally.failed(),
              result,
              (System.nanoTime() - begun) / 1_000_000_000));
    }
  }

  private static synchronized void report(String line) throws IOException {
    System.out.println(line);
    Files.writeString(REPORT, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
