package io.runledger.service.cli;

import io.runledger.config.Configuration;
import io.runledger.config.Counted;
import io.runledger.config.ExitCodes;
import io.runledger.config.InvalidConfigurationException;
import io.runledger.config.Setting;
import io.runledger.fold.alert.AlertRule;
import io.runledger.fold.alert.Condition;
import io.runledger.fold.alert.Condition.MetricIs;
import io.runledger.fold.alert.Condition.StatusBecomes;
import io.runledger.options.ConfigFile;
import io.runledger.service.alert.AlertFile;
import io.runledger.service.alert.Target;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says in words what a file of rules does, or what is wrong with it. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Check a file of alert rules, and say in words what each rule does.",
      "Nothing is evaluated and nothing is delivered. A mistake is named with file, line and column;"
          + " the exit code is then 2."
    },
    footer = {"", "Example:", "  runledger alerts check /etc/runledger/alerts.rules"})
public final class AlertsCheckCommand implements Callable<Integer> {

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FILE",
      description = "File with rules. Default: the setting alerts.file.")
  private Optional<Path> file = Optional.empty();

  @Mixin private ConfigFile config = new ConfigFile();

  @Spec private CommandSpec spec;

  /** Made by picocli. */
  public AlertsCheckCommand() {}

  @Override
  public Integer call() {
    AlertFile read = file.map(AlertFile::read).orElseGet(this::ofSetting);
    PrintWriter out = spec.commandLine().getOut();
    read.rules().forEach(rule -> out.println("alert " + rule.name() + ": " + words(rule)));
    read.targets()
        .forEach(target -> out.println("deliver " + target.name() + ": " + words(target)));
    out.flush();
    if (read.targets().isEmpty()) {
      PrintWriter err = spec.commandLine().getErr();
      err.printf(
          "%s and no delivery: what they find is recorded, and nobody is told. Add 'deliver to URL' or 'deliver by command PROGRAM'.%n",
          Counted.of(read.rules().size(), "rule"));
      err.flush();
    }
    return ExitCodes.OK;
  }

  private AlertFile ofSetting() {
    Configuration settings = config.load();
    return AlertFile.of(settings)
        .orElseThrow(
            () ->
                new InvalidConfigurationException(
                    "There is no file of rules: specify one, or set %s."
                        .formatted(Setting.ALERTS_FILE.key())));
  }

  private static String words(AlertRule rule) {
    String scope = rule.scope().isLimited() ? "of the runs" + rule.scope().words() : "of all runs";
    return sentence(rule.condition()) + ", " + scope + ".";
  }

  private static String sentence(Condition condition) {
    if (condition instanceof StatusBecomes) {
      return "when the " + condition.words() + ", once for each attempt";
    }
    if (condition instanceof MetricIs metric) {
      String values =
          metric.points() == 1
              ? "a value of " + metric.metric()
              : metric.points() + " values of " + metric.metric() + " in a row, each";
      return "when "
          + values
          + " "
          + metric.test().words().replaceFirst("^([<>=])", "is $1")
          + ", once until a value is not";
    }
    return "when a running run has " + condition.words() + ", once for each pause";
  }

  private static String words(Target target) {
    return "each firing, to " + target.words() + ".";
  }
}
