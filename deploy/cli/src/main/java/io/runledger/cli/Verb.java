package io.runledger.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The verbs, in the order in which help lists them, each with the class that carries it out.
 *
 * <p>Classes are named by text so that one verb can be loaded without touching the others.
 */
enum Verb {
  UP("io.runledger.cli.UpCommand"),
  DOCTOR("io.runledger.cli.DoctorCommand"),
  LIST("io.runledger.query.cli.ListCommand"),
  SHOW("io.runledger.query.cli.ShowCommand"),
  WHY("io.runledger.query.cli.WhyCommand"),
  METRICS("io.runledger.query.cli.MetricsCommand"),
  COMPARE("io.runledger.query.cli.CompareCommand"),
  BEST("io.runledger.query.cli.BestCommand"),
  GROUPS("io.runledger.query.cli.GroupsCommand"),
  ERRORS("io.runledger.query.cli.ErrorsCommand"),
  JOBS("io.runledger.query.cli.JobsCommand"),
  REPORT("io.runledger.query.report.ReportCommand"),
  EXPORT("io.runledger.query.export.ExportCommand"),
  SQL("io.runledger.query.cli.SqlCommand"),
  SERVE("io.runledger.web.cli.ServeCommand"),
  TOKEN("io.runledger.web.cli.TokenCommand"),
  TAG("io.runledger.agent.cli.TagCommand"),
  UNTAG("io.runledger.agent.cli.UntagCommand"),
  NOTE("io.runledger.agent.cli.NoteCommand"),
  RENAME("io.runledger.agent.cli.RenameCommand"),
  DELETE("io.runledger.agent.cli.DeleteCommand"),
  RESTORE("io.runledger.agent.cli.RestoreCommand"),
  EXEC("io.runledger.agent.cli.ExecCommand"),
  RELAY("io.runledger.agent.cli.RelayCommand"),
  SYNC("io.runledger.agent.cli.SyncCommand"),
  IMPORT("io.runledger.imports.cli.ImportCommand"),
  SLURM("io.runledger.agent.cli.SlurmCommand"),
  CONSUME("io.runledger.service.cli.ConsumeCommand"),
  FOLLOW("io.runledger.service.cli.FollowCommand"),
  REBUILD("io.runledger.service.cli.RebuildCommand"),
  VERIFY("io.runledger.service.cli.VerifyCommand"),
  ACCEPT_GAP("io.runledger.service.cli.AcceptGapCommand"),
  BACKUP("io.runledger.service.cli.BackupCommand"),
  ALERTS("io.runledger.cli.AlertsCommand"),
  DEAD_LETTERS("io.runledger.service.cli.DeadLettersCommand"),
  BENCH("io.runledger.bench.BenchCommand"),
  TOPICS("io.runledger.stack.TopicsCommand"),
  CONFIG("io.runledger.cli.ConfigCommand"),
  COMPLETION("io.runledger.cli.CompletionCommand"),
  VERSION("io.runledger.cli.VersionCommand");

  /** The room of the verbs that query the database through the query library. */
  private static final String READ_VERBS = "io.runledger.query.";

  private final String className;

  Verb(String className) {
    this.className = className;
  }

  static Optional<Verb> named(String word) {
    return Arrays.stream(values()).filter(verb -> verb.word().equals(word)).findFirst();
  }

  /** What is typed. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether it queries the database through the query library. */
  boolean reads() {
    return className.startsWith(READ_VERBS);
  }

  /** The class that carries it out, loaded now. */
  Class<?> command() {
    try {
      return Class.forName(className);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          "This installation lacks the class %s of the verb '%s'; reinstall it."
              .formatted(className, word()),
          e);
    }
  }
}
