package io.runledger.imports.cli;

import io.runledger.agent.cli.SyncCommand;
import io.runledger.client.sender.SpoolCheck;
import io.runledger.client.upload.Destination;
import io.runledger.config.Configuration;
import io.runledger.config.Counted;
import io.runledger.config.DatabaseFile;
import io.runledger.config.DatabaseLocation;
import io.runledger.config.ExitCodes;
import io.runledger.config.InvalidConfigurationException;
import io.runledger.config.Printable;
import io.runledger.config.Setting;
import io.runledger.imports.files.SourceTree;
import io.runledger.imports.files.SqliteSource;
import io.runledger.imports.lines.ColumnMap;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.LineSink;
import io.runledger.imports.lines.Losses;
import io.runledger.imports.lines.RunWriter;
import io.runledger.imports.lines.SpoolFiles;
import io.runledger.imports.tools.ImportKind;
import io.runledger.options.ClusterOptions;
import io.runledger.options.ConfigFile;
import io.runledger.options.DatabaseOptions;
import io.runledger.options.SpoolOptions;
import io.runledger.options.StatusWord;
import io.runledger.schemas.RunStatus;
import io.runledger.spool.FollowedSpool;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code runledger import}: adds the runs that other trackers have left in files. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Add the runs in files of other trackers, with their own times, or in a study that 'runledger"
          + " export --events' wrote. The files are only read.",
      "Importing again adds what is new: each value counts once, however often its file is"
          + " imported. What is damaged is reported with its place and left out, and the exit code"
          + " is 1."
    },
    footer = {
      "",
      "KIND is one of study, lightning-csv, dvclive, sacred, tensorboard, wandb, mlflow-file,"
          + " mlflow-sqlite, trackio, experiment-db, aim, csv, jsonl. Without it, the files"
          + " decide.",
      "",
      "Examples:",
      "  runledger import --dry-run runs/",
      "  runledger import tensorboard runs/",
      "  runledger import study.rls",
      "  runledger import csv results.csv --map step=iteration,run=trial"
    })
public final class ImportCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "[KIND] PATH",
      description = "What the files are of, and files or directories.")
  private List<String> words = List.of();

  @Option(names = "--dry-run", description = "Only print the runs that would be added.")
  private boolean isDry;

  @Option(
      names = "--project",
      paramLabel = "NAME",
      description =
          "The project of the added runs. It is part of what a run is: give the same one each time."
              + " Default: what the tracker calls it, or the name of the directory.")
  private Optional<String> project = Optional.empty();

  @Option(
      names = "--map",
      paramLabel = "MEANING=COLUMN,...",
      description =
          "For csv and jsonl, what columns mean: step, epoch, time, elapsed, run, status, metric"
              + " and value (a row a value), config, ignore. Others are metrics. It is part of what"
              + " a run is: with another map a table gives other runs.")
  private Optional<String> map = Optional.empty();

  @Option(
      names = "--status",
      paramLabel = "STATUS",
      converter = StatusWord.class,
      description =
          "The status of runs whose tracker stores none, which otherwise stay running: pending,"
              + " running, completed, failed or timeout.")
  private Optional<RunStatus> unknown = Optional.empty();

  @Option(
      names = "--python",
      paramLabel = "COMMAND",
      description =
          "For aim and experiment-db, a Python that has the package aim, or runledger. Default:"
              + " ${DEFAULT-VALUE}.",
      defaultValue = "python3")
  private String python;

  @Option(
      names = "--no-send",
      description = "Leave the events in the spool, for 'up', 'relay', 'follow' or 'sync'.")
  private boolean isLeft;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long to try to send, in seconds. Default: ${DEFAULT-VALUE}.",
      defaultValue = "60")
  private long timeoutSeconds;

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private SpoolOptions spoolOptions = new SpoolOptions();
  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private ConfigFile config = new ConfigFile();

  /** For picocli. */
  public ImportCommand() {}

  /** A path and what it is of. */
  private record Source(ImportKind kind, Path path) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    Configuration given = config.load(database, spoolOptions, cluster);
    if (!isDry) {
      beginDesk(given);
    }
    Configuration configuration = SpoolCheck.nextToDatabase(given);
    Destination destination = Destination.of(configuration, Destination.token(System.getenv()));
    ColumnMap columns = columns();
    Path spool = configuration.path(Setting.SPOOL);
    ReadProgress progress = new ReadProgress(spec.commandLine().getErr());
    Losses losses =
        new Losses(
            sentence -> {
              progress.clear();
              print("runledger: " + Printable.line(sentence));
            });
    boolean hasAll = true;
    try {
      List<Source> sources = sources();
      if (map.isPresent()) {
        checkMap(sources, columns);
      }
      for (Source source : sources) {
        hasAll &= read(source, spool, columns, losses, progress);
      }
    } catch (IOException e) {
      progress.clear();
      print("runledger: " + Printable.line(sentence(e)));
      return ExitCodes.FAILED;
    }
    tell(losses);
    int sent = isDry || isLeft ? ExitCodes.OK : send(spool, destination, configuration);
    return losses.count() > 0 || !hasAll ? ExitCodes.FAILED : sent;
  }

  /** An exception of the file system has only a path as its message. */
  private static String sentence(IOException e) {
    return e instanceof FileSystemException failed
        ? "%s cannot be read or written: %s.".formatted(failed.getFile(), SourceTree.reason(e))
        : String.valueOf(e.getMessage());
  }

  /** A database that is named and is not there yet gets a spool of its own. */
  private void beginDesk(Configuration given) {
    if (!given.isFlag(Setting.DB)
        || given.isFlag(Setting.SPOOL)
        || !(given.database() instanceof DatabaseLocation.File file)
        || Files.exists(file.path())) {
      return;
    }
    Path spool = DatabaseFile.spoolOf(file.path());
    if (Files.exists(spool)) {
      return;
    }
    try {
      FollowedSpool.follow(spool);
    } catch (IOException e) {
      throw new InvalidConfigurationException(
          "The spool %s of a new database cannot be made: %s; name another --db."
              .formatted(spool, e.getMessage()));
    }
  }

  private ColumnMap columns() {
    try {
      return map.map(ColumnMap::parse).orElse(ColumnMap.USUAL);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--map: " + e.getMessage(), e);
    }
  }

  /** Before anything is written: a map that is wrong is to be mended first. */
  private void checkMap(List<Source> sources, ColumnMap columns) throws IOException {
    for (Source source : sources) {
      Optional<String> objection = source.kind().importer().objection(source.path(), columns);
      if (objection.isPresent()) {
        throw new ParameterException(
            spec.commandLine(), "--map: " + Printable.line(objection.get()));
      }
    }
  }

  private List<Source> sources() throws IOException {
    Optional<ImportKind> given =
        words.size() > 1 ? ImportKind.ofWord(words.get(0)) : Optional.empty();
    List<Source> sources = new ArrayList<>();
    for (String word : given.isPresent() ? words.subList(1, words.size()) : words) {
      Path path = path(word);
      sources.add(new Source(given.isPresent() ? given.get() : guess(path), path));
    }
    return sources;
  }

  private Path path(String word) {
    try {
      Path path = Path.of(word);
      if (Files.isRegularFile(path) || Files.isDirectory(path)) {
        return path;
      }
    } catch (InvalidPathException notOne) {
      // said below
    }
    throw new ParameterException(
        spec.commandLine(),
        "'%s' is neither a file nor a directory%s."
            .formatted(
                word,
                words.size() > 1 && word.equals(words.get(0))
                    ? ", nor a kind: those are " + String.join(", ", ImportKind.words())
                    : ""));
  }

  private ImportKind guess(Path path) throws IOException {
    List<ImportKind.Guess> guesses = ImportKind.guesses(path);
    if (guesses.isEmpty() && !Files.isReadable(path)) {
      throw new AccessDeniedException(path.toString());
    }
    if (guesses.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          SqliteSource.isDatabase(path)
              ? "%s is a database of SQLite, but is damaged, or of a tool that is not known here; if"
                      .formatted(path)
                  + " it is of a tracker, say of which: mlflow-sqlite, trackio or experiment-db."
              : "Nothing in %s is known as a file of a tracker; if it is one, say of which: %s."
                  .formatted(path, String.join(", ", ImportKind.words())));
    }
    if (guesses.size() > 1) {
      throw new ParameterException(
          spec.commandLine(),
          "%s has files of several trackers (%s); say which to import, as in 'runledger import %s %s'."
              .formatted(
                  path,
                  String.join(
                      ", ",
                      guesses.stream()
                          .map(each -> each.kind().word() + ": " + each.evidence())
                          .toList()),
                  guesses.get(0).kind().word(),
                  path));
    }
    ImportKind.Guess guess = guesses.get(0);
    String what = path.endsWith(guess.evidence()) ? "is" : "has %s, so it is";
    print(
        "%s %s imported as %s; to import it as something else, name that before it."
            .formatted(
                path, what.formatted(Printable.line(guess.evidence())), guess.kind().word()));
    return guess.kind();
  }

  /** Whether there was a run in it. */
  private boolean read(
      Source source, Path spool, ColumnMap columns, Losses losses, ReadProgress progress)
      throws IOException {
    if (isDry) {
      Import dry =
          new Import(
              LineSink.ofNothing(),
              losses,
              request(columns, Optional.empty()),
              this::show,
              progress);
      source.kind().importer().read(source.path(), dry);
      progress.clear();
      if (hasNothing(source, dry)) {
        return false;
      }
      print(found(source, dry) + " would be added, as far as they are new.");
      return true;
    }
    try (SpoolFiles files = new SpoolFiles(spool, source.kind().word())) {
      Import into =
          new Import(files, losses, request(columns, Optional.of(spool)), run -> {}, progress);
      source.kind().importer().read(source.path(), into);
      files.complete();
      progress.clear();
      if (hasNothing(source, into)) {
        return false;
      }
      long put = files.writtenLines() + into.added();
      print(
          "%s read; %s %s."
              .formatted(
                  found(source, into),
                  put == 0
                      ? "all of it is already in"
                      : Counted.of(put, source.kind() == ImportKind.STUDY ? "event" : "line")
                          + " put into",
                  spool));
      return true;
    }
  }

  private boolean hasNothing(Source source, Import into) {
    if (into.runs() == 0) {
      print(
          "runledger: %s: no run of %s was found in it; check the path, or name another kind."
              .formatted(Printable.line(source.path().toString()), source.kind().word()));
    }
    return into.runs() == 0;
  }

  private Import.Request request(ColumnMap columns, Optional<Path> spool) {
    return new Import.Request(project, columns, unknown, python, spool);
  }

  private static String found(Source source, Import into) {
    return "%s: %s with %s"
        .formatted(
            source.path(),
            Counted.of(into.runs(), "run"),
            Counted.of(into.values(), source.kind() == ImportKind.STUDY ? "log call" : "value"));
  }

  /** A line a run: what it is called, how it ended, what it has. */
  private void show(RunWriter run) {
    spec.commandLine()
        .getOut()
        .printf(
            "%s  %s  %s  %s of %s%n",
            run.run().run(),
            Printable.line(run.shownName()),
            run.status().map(RunStatus::word).orElse("-"),
            Counted.of(run.values(), "value"),
            Counted.of(run.metricNames(), "metric"));
  }

  private void tell(Losses losses) {
    losses
        .leftOut()
        .forEach(
            (sort, count) -> print("Left out, %s: %s.".formatted(Counted.of(count, "time"), sort)));
    losses
        .counts()
        .forEach(
            (file, count) ->
                print(
                    "runledger: %s: %s could not be imported."
                        .formatted(Printable.line(file.toString()), Counted.of(count, "place"))));
  }

  private int send(Path spool, Destination destination, Configuration configuration)
      throws IOException, InterruptedException {
    if (FollowedSpool.keeps(spool)) {
      boolean isNew =
          configuration.database() instanceof DatabaseLocation.File file
              && spool.equals(DatabaseFile.spoolOf(file.path()))
              && !Files.exists(file.path());
      print(
          isNew
              ? "'runledger follow --db %s --idle-exit 5s' makes that database of them."
                  .formatted(configuration.database())
              : "The ledger that follows %s takes them from there.".formatted(spool));
      return ExitCodes.OK;
    }
    return SyncCommand.send(
        spool, destination, configuration, Duration.ofSeconds(timeoutSeconds), this::print);
  }

  private void print(String sentence) {
    spec.commandLine().getErr().println(sentence);
    spec.commandLine().getErr().flush();
  }
}
