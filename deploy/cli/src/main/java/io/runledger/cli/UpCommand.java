package io.runledger.cli;

import io.runledger.config.Configuration;
import io.runledger.config.DatabaseLocation;
import io.runledger.config.ExitCodes;
import io.runledger.config.InvalidConfigurationException;
import io.runledger.config.Setting;
import io.runledger.files.PrivateFiles;
import io.runledger.options.AlertOptions;
import io.runledger.options.ConfigFile;
import io.runledger.service.check.AlertsCheck;
import io.runledger.service.check.DatabaseCheck;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code runledger up}: everything on this machine, until it is stopped. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Start a broker, a schema registry, the service and the page on this machine.",
      "They listen on loopback only and keep all their data in one directory, which survives a"
          + " restart. Ctrl-C (or SIGTERM) stops all of it in order. Ports that are taken are"
          + " replaced by free ones and shown, except for a health.port or web.port that you set."
    },
    footer = {"", "Example:", "  runledger up --data ~/ledger"})
final class UpCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Directory of all data. Default: the setting data.dir.")
  private Optional<Path> data;

  @Option(
      names = "--db",
      paramLabel = "URL",
      description =
          "Keep the database on a PostgreSQL server, jdbc:postgresql://HOST:PORT/DATABASE, from now on."
              + " Default: that of the last start, and a SQLite file in DIR before.")
  private Optional<String> database = Optional.empty();

  @Mixin private AlertOptions alerts = new AlertOptions();
  @Mixin private ConfigFile config = new ConfigFile();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Configuration settings = settings();
    AlertsCheck.requireUsable(settings);
    Optional<DatabaseLocation.Server> server = server();
    server.ifPresent(on -> DatabaseCheck.requireReachable(settings.with(Setting.DB, on.url())));
    Path named = data.orElseGet(() -> settings.path(Setting.DATA_DIR));
    Path directory = createPrivate(named.toAbsolutePath().normalize()).toRealPath();
    try (LocalRuntime runtime = LocalRuntime.start(directory, settings, server)) {
      // The hook's end is the process's end, so it must wait for everything to have stopped.
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(runtime), "runledger-stop"));
      printAddresses(runtime);
      runtime.awaitEnd();
    }
    return ExitCodes.OK;
  }

  private void stop(LocalRuntime runtime) {
    runtime.close();
    // Without it, whoever reads the log cannot tell a stop from a kill.
    PrintWriter out = spec.commandLine().getOut();
    out.println("Runledger has stopped.");
    out.flush();
  }

  private Optional<DatabaseLocation.Server> server() {
    if (database.isEmpty()) {
      return Optional.empty();
    }
    DatabaseLocation.Server.refusePassword(database.get());
    return Optional.of(
        DatabaseLocation.Server.of(database.get())
            .orElseThrow(
                () ->
                    new InvalidConfigurationException(
                        "--db of up names a database on a server (jdbc:postgresql://HOST:PORT/DATABASE), and '%s' is none; a file is kept in the directory that --data names."
                            .formatted(database.get()))));
  }

  /** Nobody else may read the data, whatever the umask is. */
  static Path createPrivate(Path directory) throws IOException {
    return Files.createDirectories(directory, PrivateFiles.DIRECTORY);
  }

  /**
   * The settings. The file that this directory's stack writes may be missing: a shell may name it
   * permanently, as {@link #printAddresses} suggests.
   */
  private Configuration settings() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    Optional<Path> named = Optional.ofNullable(environment.get("RUNLEDGER_CONFIG")).map(Path::of);
    if (config.file().isEmpty() && named.filter(file -> !Files.exists(file)).isPresent()) {
      environment.remove("RUNLEDGER_CONFIG");
      Configuration without = Configuration.load(alerts.given(), environment, Optional.empty());
      Path own = LocalRuntime.properties(data.orElseGet(() -> without.path(Setting.DATA_DIR)));
      if (absolute(own).equals(absolute(named.get()))) {
        return without;
      }
    }
    return config.load(alerts);
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }

  private void printAddresses(LocalRuntime runtime) {
    PrintWriter out = spec.commandLine().getOut();
    out.println("Runledger is up; Ctrl-C stops it.");
    out.println();
    runtime.pageUrl().ifPresent(url -> out.println("  page      " + url));
    out.println("  database  " + runtime.database());
    out.println("  broker    " + runtime.bootstrapServers());
    out.println("  registry  " + runtime.registryUrl());
    runtime
        .healthAddress()
        .ifPresent(
            address ->
                out.println(
                    "  health    http://%s:%d/health"
                        .formatted(address.getHostString(), address.getPort())));
    out.println();
    out.println("For jobs and other verbs, copy this line to their shell:");
    out.println();
    out.println("  export RUNLEDGER_CONFIG=" + quoted(runtime.properties()));
    unconfigured(runtime)
        .ifPresent(
            sentence -> {
              out.println();
              out.println(sentence);
            });
    out.flush();
  }

  /**
   * What jobs without any settings do, as from cron, if they do not find this stack; empty if they
   * do.
   */
  private static Optional<String> unconfigured(LocalRuntime runtime) {
    Map<String, String> home = new HashMap<>(System.getenv());
    home.keySet().retainAll(Set.of("HOME"));
    Configuration bare = Configuration.forJob(home, Optional.empty(), complaint -> {});
    return runtime.sends(bare)
        ? Optional.empty()
        : Optional.of(
            ("Jobs without that line, as from cron or sbatch --export=NONE, do not find it: they append to %s."
                    + " To make them find it, copy the settings of that file to %s.")
                .formatted(bare.path(Setting.SPOOL), bare.userFile()));
  }

  /** The path, quoted for a POSIX shell. */
  static String quoted(Path path) {
    String text = path.toString();
    return text.matches("[A-Za-z0-9_./+@%=:,-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
