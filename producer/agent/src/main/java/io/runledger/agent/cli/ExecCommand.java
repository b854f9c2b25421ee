package io.runledger.agent.cli;

import io.runledger.options.ConfigFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code runledger exec}: runs any command as a run. */
@Command(
    name = "exec",
    mixinStandardHelpOptions = true,
    synopsisHeading = "Usage: ",
    customSynopsis = "runledger exec [OPTIONS] -- COMMAND [ARGUMENTS...]",
    description = {
      "Run a command as a run: record its start and its exit code, forward signals, keep the"
          + " end of its stderr when it fails, and send what it logs. Its streams and its exit code"
          + " are unchanged.",
      "Without a name the run takes that of the SLURM job or the program. Each part of the name"
          + " may be set in the environment, as RUNLEDGER_EXPERIMENT and so on. A broker that is down"
          + " does not affect the command."
    },
    footer = {
      "",
      "Exit code: the command's, 128+n where signal n ended it; 126 or 127 when it cannot be started.",
      "",
      "Examples:",
      "  runledger exec --experiment 7 --seed 3 -- python train.py --lr 0.1",
      "  exec runledger exec -- ./job.sh  # in a batch script, to get SLURM's signals"
    })
public final class ExecCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "What to run.", hidden = true)
  private List<String> command = List.of();

  @Option(names = "--experiment", paramLabel = "TEXT", description = "Part of the run key.")
  private String experiment;

  @Option(names = "--dataset", paramLabel = "TEXT", description = "Part of the run key.")
  private String dataset;

  @Option(names = "--method", paramLabel = "TEXT", description = "Part of the run key.")
  private String method;

  @Option(names = "--subject", paramLabel = "TEXT", description = "Part of the run key.")
  private String subject;

  @Option(names = "--cl-info", paramLabel = "TEXT", description = "Part of the run key.")
  private String clInfo;

  @Option(names = "--seed", paramLabel = "N", description = "Part of the run key, a whole number.")
  private String seed;

  @Option(
      names = "--project",
      paramLabel = "TEXT",
      description = "Project of the run; with --name instead of a key.")
  private String project;

  @Option(names = "--name", paramLabel = "TEXT", description = "Name of the run, for people.")
  private String name;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "A value of the run's configuration: a number, true or false as in JSON, else a string;"
              + " may be repeated.")
  private Map<String, String> values = new LinkedHashMap<>();

  @Option(names = "--tag", paramLabel = "TEXT", description = "A tag; may be repeated.")
  private List<String> tags = new ArrayList<>();

  @Option(names = "--notes", paramLabel = "TEXT", description = "Notes on the run, free text.")
  private String notes;

  @Option(
      names = "--resumed-from-step",
      paramLabel = "STEP",
      description =
          "First step that this attempt repeats; it supersedes points of earlier attempts from there on.")
  private Long resumedFromStep;

  @Option(
      names = "--skip-if-completed",
      description =
          "Exit with code 0, without running the command, when the database says the run is completed.")
  private boolean skipIfCompleted;

  @Option(
      names = "--usage-seconds",
      paramLabel = "SECONDS",
      description =
          "Sampling interval for CPU, memory, disk, network and GPU use, in seconds; 0 disables it."
              + " Default: the setting system.seconds, else 30.")
  private Integer usageSeconds;

  @Mixin private ConfigFile config = new ConfigFile();

  /** For picocli. */
  public ExecCommand() {}

  @Override
  public Integer call() {
    try {
      return line().run();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  ExecLine line() {
    Map<String, String> parts = new LinkedHashMap<>();
    putIfGiven(parts, "experiment", experiment);
    putIfGiven(parts, "dataset", dataset);
    putIfGiven(parts, "method", method);
    putIfGiven(parts, "subject", subject);
    putIfGiven(parts, "cl_info", clInfo);
    putIfGiven(parts, "seed", seed);
    putIfGiven(parts, "project", project);
    putIfGiven(parts, "name", name);
    return ExecLine.of(
        parts,
        values,
        tags,
        Optional.ofNullable(notes),
        resumedFromStep == null ? OptionalLong.empty() : OptionalLong.of(resumedFromStep),
        usageSeconds == null ? OptionalInt.empty() : OptionalInt.of(usageSeconds),
        config.file(),
        skipIfCompleted,
        command);
  }

  private static void putIfGiven(Map<String, String> parts, String part, String flag) {
    if (flag != null) {
      parts.put(part, flag);
    }
  }
}
