package io.runledger.agent.cli;

import io.runledger.agent.KnownRuns;
import io.runledger.agent.KnownRuns.Known;
import io.runledger.client.OperatedRun;
import io.runledger.client.Tracker;
import io.runledger.client.sender.SpoolCheck;
import io.runledger.config.Configuration;
import io.runledger.config.ExitCodes;
import io.runledger.config.NotFoundException;
import io.runledger.options.ConfigFile;
import io.runledger.options.DatabaseOptions;
import io.runledger.options.RunChoice;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The common part of the verbs that change a run: an operator's event goes into the spool and is
 * sent like any other. The database is only asked which run was meant; without a database, the
 * run's whole id or key is needed.
 */
abstract class OperatorVerb implements Callable<Integer> {

  private static final int KEY_PARTS = 6;

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private ConfigFile file = new ConfigFile();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec;

  /** Checks the command line, before anything is read. */
  void check() {}

  /**
   * The runs that are meant; none when nothing is to be recorded yet, and the reason was printed.
   */
  abstract List<Known> meant(Configuration configuration);

  /** Records the change. */
  abstract void append(OperatedRun run) throws IOException;

  /** What was changed, as the end of a sentence. */
  abstract String outcome();

  @Override
  public final Integer call() throws IOException {
    check();
    Configuration configuration = SpoolCheck.nextToDatabase(file.load(database));
    // All are found before any is changed.
    List<Known> runs = meant(configuration);
    if (runs.isEmpty()) {
      return ExitCodes.USAGE;
    }
    try (Tracker tracker = Tracker.open(configuration)) {
      for (Known known : runs) {
        try (OperatedRun run = tracker.operate(known.run(), known.newestAttempt())) {
          append(run);
        }
      }
    }
    for (Known known : runs) {
      report(known.run());
    }
    out().flush();
    return ExitCodes.OK;
  }

  private void report(RunId run) {
    out()
        .println(
            json
                ? "{\"id\":\"%s\",\"run_id\":\"%d\",\"verb\":\"%s\"}"
                    .formatted(run, run.value(), spec.name())
                : "Run %s %s.".formatted(run, outcome()));
  }

  final KnownRuns knownRuns() {
    return ServiceLoader.load(KnownRuns.class).findFirst().orElse(new Nobody());
  }

  /** Finds the run that was typed. */
  final Known find(String text, Configuration configuration) {
    return knownRuns()
        .find(text, configuration)
        .or(() -> wholeName(text).map(run -> new Known(run, OptionalLong.empty(), "", "")))
        .orElseThrow(
            () ->
                new NotFoundException(
                    "There is no database at %s to look '%s' up in; specify the run by its full id (13 characters) or its key (7/mnist/cnn/s01/-/3)."
                        .formatted(configuration.database(), text)));
  }

  /** The run that a whole name means without a lookup: an id, or a key with six parts. */
  static Optional<RunId> wholeName(String typed) {
    String text = typed.startsWith("id:") ? typed.substring(3) : typed;
    try {
      if (text.length() == Base32.LENGTH) {
        return Optional.of(RunId.parse(text));
      }
      String[] parts = (typed.startsWith("key:") ? typed.substring(4) : typed).split("/", -1);
      if (parts.length != KEY_PARTS) {
        return Optional.empty();
      }
      for (int i = 0; i < parts.length; i++) {
        parts[i] = parts[i].equals("-") || parts[i].isEmpty() ? null : parts[i];
      }
      Long seed = parts[5] == null ? null : Long.valueOf(parts[5]);
      return Optional.of(
          RunId.of(RunKey.of(parts[0], parts[1], parts[2], parts[3], parts[4], seed)));
    } catch (IllegalArgumentException notOne) {
      return Optional.empty();
    }
  }

  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** A mistake on the command line, as a sentence. */
  final ParameterException usage(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }

  /** Used where there is no database library, as in the agent alone. */
  private static final class Nobody implements KnownRuns {

    @Override
    public Optional<Known> find(String typed, Configuration configuration) {
      return Optional.empty();
    }

    @Override
    public Optional<List<Known>> choose(
        RunChoice choice, boolean deleted, Configuration configuration) {
      return Optional.empty();
    }
  }
}
