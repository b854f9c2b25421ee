package io.runledger.query.cli;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.query.AmbiguousRunException;
import io.runledger.query.Ledger;
import io.runledger.query.LedgerNotFoundException;
import io.runledger.query.MetricNotFoundException;
import io.runledger.query.Optimum;
import io.runledger.query.RunNotFoundException;
import io.runledger.query.RunSelector;
import io.runledger.schemas.RunId;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What all read verbs share: where the database is, where words go, and the exit codes. Failures
 * other than "not found" and "several fit" go on to whoever runs the command.
 */
abstract class ReadVerb implements Callable<Integer> {

  static final int OK = 0;
  private static final int USAGE = 2;
  private static final int NOT_FOUND = 3;

  @Option(
      names = "--db",
      paramLabel = "FILE",
      description = "The database. Default: the setting db.")
  private Optional<Path> database = Optional.empty();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Properties file with settings. Default: what RUNLEDGER_CONFIG names.")
  private Optional<Path> configFile = Optional.empty();

  @Spec private CommandSpec spec;

  /** Reads and prints. */
  abstract void answer(Ledger ledger);

  @Override
  public final Integer call() {
    try (Ledger ledger = Ledger.open(database())) {
      answer(ledger);
      return OK;
    } catch (LedgerNotFoundException | RunNotFoundException | MetricNotFoundException e) {
      return complain(e, NOT_FOUND);
    } catch (AmbiguousRunException e) {
      return complain(e, USAGE);
    } finally {
      out().flush();
    }
  }

  private int complain(RuntimeException e, int code) {
    err().println("runledger: " + e.getMessage());
    err().flush();
    return code;
  }

  /** The database that was asked for. */
  final Path database() {
    return configuration().path(Setting.DB);
  }

  /** The spool of this machine. */
  final LocalSpool spool() {
    return new LocalSpool(configuration().path(Setting.SPOOL));
  }

  private Configuration configuration() {
    Map<String, String> flags =
        database.map(file -> Map.of(Setting.DB.key(), file.toString())).orElse(Map.of());
    return Configuration.load(flags, System.getenv(), configFile);
  }

  /** The run that was typed. */
  final RunId find(Ledger ledger, String typed) {
    return ledger.find(selector(typed));
  }

  final List<RunId> find(Ledger ledger, List<String> typed) {
    return typed.stream().map(text -> find(ledger, text)).toList();
  }

  private RunSelector selector(String typed) {
    try {
      return RunSelector.parse(typed);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  /** The mode that was typed. */
  final Optimum optimum(String word) {
    try {
      return Optimum.ofWord(word);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  final int atLeastOne(int limit) {
    if (limit < 1) {
      throw usage("--limit is at least 1, not " + limit + ".");
    }
    return limit;
  }

  /** A mistake on the command line, as a sentence. */
  final ParameterException usage(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }

  /** Where data goes. */
  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Where words go. */
  final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** Tells in words that there is nothing; in JSON and CSV an empty answer tells it. */
  final void say(String sentence) {
    err().println(sentence);
    err().flush();
  }
}
