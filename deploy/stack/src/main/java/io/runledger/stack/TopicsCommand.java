package io.runledger.stack;

import io.runledger.check.Finding;
import io.runledger.config.Configuration;
import io.runledger.config.ExitCodes;
import io.runledger.config.Setting;
import io.runledger.options.ClusterOptions;
import io.runledger.options.ConfigFile;
import io.runledger.options.Findings;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code runledger topics}: prepares an existing cluster for Runledger. */
@Command(
    name = "topics",
    mixinStandardHelpOptions = true,
    description = "Create or check the topics and schemas on an existing cluster.",
    footer = {
      "",
      "Examples:",
      "  runledger topics init --replication-factor 3 --dry-run",
      "  runledger topics check --command-config client.properties"
    })
public final class TopicsCommand implements Runnable {

  @Spec private CommandSpec spec;

  /** For picocli. */
  public TopicsCommand() {}

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Missing subcommand. Try 'runledger topics init' or 'runledger topics check'.");
  }

  @Command(
      name = "init",
      mixinStandardHelpOptions = true,
      description = "Create missing topics, set their retention, and register the schemas.",
      footer = {"", "Example:", "  runledger topics init --replication-factor 3 --dry-run"})
  int init(
      @Mixin ClusterOptions cluster,
      @Mixin ConfigFile config,
      @Option(
              names = "--partitions",
              paramLabel = "N",
              description = "Partitions of a new topic. Default: the setting topics.partitions.")
          Integer partitions,
      @Option(
              names = "--replication-factor",
              paramLabel = "N",
              description =
                  "Replication factor of a new topic. Default: the setting topics.replication.factor.")
          Integer replicationFactor,
      @Option(names = "--dry-run", description = "Show what would be done, without doing it.")
          boolean dryRun) {
    Configuration configuration = config.load(cluster);
    List<String> actions =
        TopicsInit.of(configuration)
            .init(
                partitions == null ? configuration.integer(Setting.TOPICS_PARTITIONS) : partitions,
                replicationFactor == null
                    ? configuration.integer(Setting.TOPICS_REPLICATION_FACTOR)
                    : replicationFactor,
                dryRun);
    actions.forEach(spec.commandLine().getOut()::println);
    if (actions.isEmpty()) {
      spec.commandLine().getErr().println("Nothing is missing.");
    }
    return 0;
  }

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = "Check the topics and schemas; exit 1 if any check fails.",
      footer = {"", "Example:", "  runledger topics check --json"})
  int check(
      @Mixin ClusterOptions cluster,
      @Mixin ConfigFile config,
      @Option(names = "--json", description = "Print the findings as JSON.") boolean json) {
    List<Finding> findings = TopicsCheck.of(config.load(cluster)).check();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Findings.printJson(findings, out);
    } else {
      Findings.print(findings, out);
    }
    boolean good = Findings.exitCode(findings) == ExitCodes.OK;
    spec.commandLine()
        .getErr()
        .println(good ? "The cluster can be used." : "The cluster cannot be used as it is.");
    return Findings.exitCode(findings);
  }
}
