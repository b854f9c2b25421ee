package io.runledger.cli;

import io.runledger.agent.cli.SlurmCommand;
import io.runledger.check.Check;
import io.runledger.check.Checkup;
import io.runledger.check.Finding;
import io.runledger.client.sender.SpoolCheck;
import io.runledger.client.upload.ServerCheck;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.options.Failures;
import io.runledger.options.Findings;
import io.runledger.options.LedgerOptions;
import io.runledger.service.check.AlertsCheck;
import io.runledger.service.check.DatabaseCheck;
import io.runledger.stack.TopicsCheck;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code runledger doctor}: collects the findings of each component's self-check. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Check Java, the directories, the broker and the registry, or the server of the setting url,"
          + " the database, the clock, the spool, the rules of alerts and, where it is installed,"
          + " SLURM.",
      "Each finding is one line: ok, warning or failed, what was found, and what to do. Nothing is"
          + " changed. It takes at most 10 seconds, and exits 1 when anything failed."
    },
    footer = {"", "Examples:", "  runledger doctor", "  runledger doctor --json"})
final class DoctorCommand implements Callable<Integer> {

  /** Together with starting Java this stays below 10 seconds. */
  private static final Duration LIMIT = Duration.ofSeconds(8);

  /** So that a broker that hangs is named before the limit of all checks. */
  private static final Duration BROKERS_PATIENCE = LIMIT.minusMillis(1500);

  private static final Finding NO_BROKER =
      Finding.ok("broker", "None is configured, and none is needed: the spool is followed.");

  @Mixin private LedgerOptions ledger = new LedgerOptions();

  @Option(names = "--json", description = "Print the findings as a JSON array.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    Checkup checkup = new Checkup(LIMIT, failure -> Failures.sentence(failure, "doctor"));
    List<Finding> findings = checkup.run(checks(SpoolCheck.nextToDatabase(ledger.load())));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Findings.printJson(findings, out);
    } else {
      Findings.print(findings, out);
    }
    out.flush();
    return Findings.exitCode(findings);
  }

  /** The checks of all components, in the order in which data passes them. */
  static List<Check> checks(Configuration configuration) {
    Path spool = configuration.path(Setting.SPOOL);
    List<Check> checks = new ArrayList<>();
    checks.add(
        new Check(
            "java", () -> MachineCheck.java(Runtime.version(), System.getProperty("java.home"))));
    checks.add(directory("data directory", configuration.path(Setting.DATA_DIR), "data.dir"));
    checks.add(directory("spool directory", spool, "spool"));
    checks.add(
        directory("settings directory", configuration.userFile().getParent(), "XDG_CONFIG_HOME"));
    checks.add(new Check("spool", () -> SpoolCheck.check(spool)));
    boolean isDesk = SpoolCheck.isOfDesk(configuration);
    TopicsCheck cluster = TopicsCheck.of(configuration, BROKERS_PATIENCE);
    boolean isServed = !configuration.get(Setting.URL).isBlank();
    if (isServed) {
      checks.add(new Check("server", () -> ServerCheck.check(configuration, System.getenv())));
    } else if (isDesk) {
      checks.add(new Check("broker", () -> List.of(NO_BROKER)));
    } else {
      checks.add(new Check("broker", cluster::checkTopics));
      checks.add(new Check("registry", cluster::checkSchemas));
    }
    checks.add(new Check("database", () -> DatabaseCheck.check(configuration)));
    checks.add(
        new Check(
            "database", Finding.Severity.WARNING, () -> DatabaseCheck.checkDamage(configuration)));
    if (!isDesk && !isServed) {
      checks.add(new Check("clock", Finding.Severity.WARNING, cluster::checkClock));
    }
    checks.add(new Check("alerts", () -> AlertsCheck.check(configuration)));
    checks.add(new Check("slurm", Finding.Severity.WARNING, SlurmCommand::check));
    return checks;
  }

  private static Check directory(String component, Path directory, String setting) {
    return new Check(component, () -> MachineCheck.directory(component, directory, setting));
  }
}
