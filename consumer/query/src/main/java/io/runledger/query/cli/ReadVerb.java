package io.runledger.query.cli;

import io.runledger.config.Configuration;
import io.runledger.config.DatabaseLocation;
import io.runledger.config.ExitCodes;
import io.runledger.config.Setting;
import io.runledger.options.ClusterOptions;
import io.runledger.options.ConfigFile;
import io.runledger.options.DatabaseOptions;
import io.runledger.options.SpoolOptions;
import io.runledger.query.Ledger;
import io.runledger.query.LedgerReader;
import io.runledger.query.LocalSpool;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.runs.RunSelector;
import io.runledger.schemas.RunId;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What all read verbs share: where the database is, where words go, and the order of complaints.
 * Failures continue to whoever runs the command; {@link io.runledger.options.Failures} knows them.
 */
public abstract class ReadVerb implements Callable<Integer> {

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private ConfigFile file = new ConfigFile();

  @Spec private CommandSpec spec;

  /** Complains of the command line, before any file is looked at. */
  protected void check() {}

  /** How long the store may take for one question. */
  Duration timeLimit() {
    return Ledger.TIME_LIMIT;
  }

  /** Reads and prints. */
  protected abstract void answer(Ledger ledger);

  @Override
  public final Integer call() {
    check();
    DatabaseLocation location = database();
    if (location instanceof DatabaseLocation.File desk) {
      new DeskMark(desk.path()).awaitAnswer().ifPresent(this::remark);
    }
    try (Ledger ledger = Ledger.open(location, timeLimit())) {
      answer(ledger);
      return ExitCodes.OK;
    } finally {
      out().flush();
    }
  }

  /** The database that was asked for. */
  final DatabaseLocation database() {
    return file.load(database).database();
  }

  /** The settings in force, for a verb that names a cluster as well. */
  protected final Configuration configuration(ClusterOptions cluster) {
    return file.load(database, new SpoolOptions(), cluster);
  }

  /** The spool of this machine. */
  final LocalSpool spool() {
    return new LocalSpool(file.load(database).path(Setting.SPOOL));
  }

  /** The run that was typed. */
  protected final RunId find(LedgerReader reader, String typed) {
    return reader.find(selector(typed));
  }

  protected final List<RunId> find(LedgerReader reader, List<String> typed) {
    return typed.stream().map(text -> find(reader, text)).toList();
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

  protected final void atLeastOne(String option, int number) {
    if (number < 1) {
      throw usage(option + " must be at least 1, not " + number + ".");
    }
  }

  /** A mistake on the command line, as a sentence. */
  protected final ParameterException usage(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }

  /** Where data goes. */
  protected final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Where words go. */
  protected final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** Tells on stderr how many rows there are, when the limit let only some of them through. */
  protected final void remarkOmitted(String what, long shown, long all) {
    if (all > shown) {
      out().flush();
      remark("%,d of %,d %s shown; --limit N or --all shows more.".formatted(shown, all, what));
    }
  }

  /** Says in words that there is nothing; in JSON and CSV an empty answer says it. */
  protected final void remark(String sentence) {
    err().println(sentence);
    err().flush();
  }
}
