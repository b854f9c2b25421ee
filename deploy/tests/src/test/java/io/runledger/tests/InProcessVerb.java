package io.runledger.tests;

import io.runledger.agent.cli.DeleteCommand;
import io.runledger.agent.cli.NoteCommand;
import io.runledger.agent.cli.RenameCommand;
import io.runledger.agent.cli.RestoreCommand;
import io.runledger.agent.cli.SyncCommand;
import io.runledger.agent.cli.TagCommand;
import io.runledger.agent.cli.UntagCommand;
import io.runledger.options.Failures;
import io.runledger.query.cli.BestCommand;
import io.runledger.query.cli.CompareCommand;
import io.runledger.query.cli.ErrorsCommand;
import io.runledger.query.cli.GroupsCommand;
import io.runledger.query.cli.JobsCommand;
import io.runledger.query.cli.ListCommand;
import io.runledger.query.cli.MetricsCommand;
import io.runledger.query.cli.ShowCommand;
import io.runledger.query.cli.SqlCommand;
import io.runledger.query.cli.WhyCommand;
import io.runledger.service.cli.DeadLettersCommand;
import io.runledger.service.cli.RebuildCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** A verb in the test's own JVM: for those of which a test runs hundreds. */
final class InProcessVerb {

  /** Only the one that is asked for is made: picocli looks at every member of each. */
  private static final Map<String, Class<?>> VERBS =
      Map.ofEntries(
          Map.entry("delete", DeleteCommand.class),
          Map.entry("note", NoteCommand.class),
          Map.entry("rename", RenameCommand.class),
          Map.entry("restore", RestoreCommand.class),
          Map.entry("sync", SyncCommand.class),
          Map.entry("tag", TagCommand.class),
          Map.entry("untag", UntagCommand.class),
          Map.entry("best", BestCommand.class),
          Map.entry("compare", CompareCommand.class),
          Map.entry("errors", ErrorsCommand.class),
          Map.entry("groups", GroupsCommand.class),
          Map.entry("jobs", JobsCommand.class),
          Map.entry("list", ListCommand.class),
          Map.entry("metrics", MetricsCommand.class),
          Map.entry("show", ShowCommand.class),
          Map.entry("sql", SqlCommand.class),
          Map.entry("why", WhyCommand.class),
          Map.entry("dead-letters", DeadLettersCommand.class),
          Map.entry("rebuild", RebuildCommand.class));

  private InProcessVerb() {}

  /** Runs it with the settings of a ledger, as {@code runledger} does. */
  static Distribution.Result run(TestLedger ledger, List<String> words) {
    List<String> all = new ArrayList<>(words);
    all.addAll(List.of("--config", ledger.propertiesFile().toString()));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = new CommandLine(new Root());
    line.addSubcommand(words.get(0), VERBS.get(words.get(0)));
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    line.setExecutionExceptionHandler(new Failures(false));
    int code = line.execute(all.toArray(String[]::new));
    return new Distribution.Result(code, out.toString(), err.toString());
  }

  @CommandLine.Command(name = "runledger")
  private static final class Root {}
}
