package io.runledger.agent.cli;

import io.runledger.client.sender.DrainReport;
import io.runledger.client.sender.SpoolDrain;
import io.runledger.client.upload.Destination;
import io.runledger.client.upload.SpoolUpload;
import io.runledger.client.upload.UploadReport;
import io.runledger.config.Configuration;
import io.runledger.config.Counted;
import io.runledger.config.ExitCodes;
import io.runledger.config.Setting;
import io.runledger.options.ClusterOptions;
import io.runledger.options.ConfigFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code runledger sync}: sends what jobs have left in their spools, once. */
@Command(
    name = "sync",
    mixinStandardHelpOptions = true,
    description = {
      "Send all events that wait in spool directories, and return when the broker has them.",
      "Sending twice, or from two places, changes nothing: each event counts once.",
      "With --to or the setting url they go to a Runledger server instead, where only HTTPS gets"
          + " out; its token is in the environment variable RUNLEDGER_TOKEN or in a file.",
      "If something did not arrive, report what, and exit with code 1."
    },
    footer = {
      "",
      "Example:",
      "  runledger sync ~/.local/share/runledger/spool",
      "  runledger sync --to https://ledger.example.org/"
    })
public final class SyncCommand implements Callable<Integer> {

  /** Sentences on what did not arrive. */
  private static final int SHOWN = 20;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "DIR",
      description = "Spool directories. Default: the configured one.")
  private List<Path> directories = List.of();

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long to try for each directory, in seconds. Default: ${DEFAULT-VALUE}.",
      defaultValue = "60")
  private long timeoutSeconds;

  @Option(
      names = "--quarantined",
      description =
          "Send only what was too large for a limit that has been raised since"
              + " (max.message.bytes of a topic, record.max.bytes).")
  private boolean quarantined;

  @Option(
      names = "--to",
      paramLabel = "URL",
      description =
          "Send to the server that 'runledger serve' or 'up' is there, such as https://HOST/, and"
              + " to no broker. Default: the setting url.")
  private Optional<URI> server = Optional.empty();

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "File with the token that the server demands. Default: the environment variable"
              + " RUNLEDGER_TOKEN.")
  private Optional<Path> tokenFile = Optional.empty();

  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private ConfigFile config = new ConfigFile();

  /** For picocli. */
  public SyncCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    Configuration configuration = config.load(cluster);
    List<Path> spools =
        directories.isEmpty() ? List.of(configuration.path(Setting.SPOOL)) : directories;
    Destination destination = destination(configuration);
    if (quarantined && destination instanceof Destination.Server) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--quarantined is about a broker; leave out --to, and name brokers with"
              + " --bootstrap-server where the setting url names a server.");
    }
    int exitCode = 0;
    for (Path spool : spools) {
      exitCode = Math.max(exitCode, sendIfThere(spool, destination, configuration));
    }
    return exitCode;
  }

  private Destination destination(Configuration configuration) throws IOException {
    if (server.isEmpty()) {
      return Destination.of(configuration, token());
    }
    try {
      return new Destination.Server(server.get(), token());
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private Optional<String> token() throws IOException {
    if (tokenFile.isEmpty()) {
      return Destination.token(System.getenv());
    }
    String text = Files.readString(tokenFile.get()).strip();
    if (text.isEmpty()) {
      throw new IOException(
          "%s is empty; 'runledger token create' on the server makes a token."
              .formatted(tokenFile.get()));
    }
    return Optional.of(text);
  }

  private int sendIfThere(Path spool, Destination destination, Configuration configuration)
      throws IOException, InterruptedException {
    if (!Files.isDirectory(spool)) {
      String absent = "There is no spool directory " + spool;
      if (directories.isEmpty()) {
        // a job that never started has left nothing behind
        print(absent + ".");
        return ExitCodes.OK;
      }
      print("runledger: " + absent + "; specify the directory that jobs append to.");
      return ExitCodes.FAILED;
    }
    Duration atMost = Duration.ofSeconds(timeoutSeconds);
    return quarantined
        ? print(spool, SpoolDrain.sendQuarantined(spool, configuration, atMost), this::print)
        : send(spool, destination, configuration, atMost, this::print);
  }

  /**
   * Sends a spool once, prints what became of it, and gives the exit code.
   *
   * @param atMost how long to try
   * @param words receives the sentences
   * @throws IOException when the spool cannot be read
   */
  public static int send(
      Path spool,
      Destination destination,
      Configuration configuration,
      Duration atMost,
      Consumer<String> words)
      throws IOException, InterruptedException {
    if (destination instanceof Destination.Server server) {
      return print(spool, server, SpoolUpload.send(spool, server, atMost), words);
    }
    ProgressLine progress = ProgressLine.of(spool);
    DrainReport report = SpoolDrain.send(spool, configuration, atMost, progress::show);
    progress.clear();
    return print(spool, report, words);
  }

  private static int print(
      Path spool, Destination.Server to, UploadReport report, Consumer<String> words) {
    boolean hasAllArrived = report.problems().isEmpty();
    words.accept(
        "%s: %s of %s new to %s, %s"
            .formatted(
                spool,
                Counted.of(report.bytes(), "byte"),
                Counted.of(report.files(), "file"),
                to.address().getHost(),
                hasAllArrived ? "nothing is left." : "but not all arrived."));
    report.problems().stream().limit(SHOWN).forEach(words);
    if (report.problems().size() > SHOWN) {
      words.accept("... and %,d more.".formatted(report.problems().size() - SHOWN));
    }
    return hasAllArrived ? ExitCodes.OK : ExitCodes.FAILED;
  }

  /** Prints what became of a spool, and gives the exit code. */
  static int print(Path spool, DrainReport report, Consumer<String> words) {
    boolean hasAllArrived = report.complete() && report.undelivered().isEmpty();
    words.accept(
        "%s: %s sent%s".formatted(spool, Counted.of(report.events(), "event"), rest(report)));
    report.trouble().filter(trouble -> !report.complete()).ifPresent(words);
    report.undelivered().ifPresent(words);
    return hasAllArrived ? 0 : 1;
  }

  private static String rest(DrainReport report) {
    if (!report.complete()) {
      return "; the rest waits.";
    }
    return report.undelivered().isEmpty() ? ", nothing is left." : ", but not all arrived.";
  }

  private void print(String sentence) {
    spec.commandLine().getErr().println(sentence);
  }
}
