package io.runledger.web.cli;

import io.runledger.config.Configuration;
import io.runledger.config.ExitCodes;
import io.runledger.config.Setting;
import io.runledger.options.ConfigFile;
import io.runledger.options.DatabaseOptions;
import io.runledger.query.Ledger;
import io.runledger.web.WebServer;
import io.runledger.web.WebSettings;
import io.runledger.web.door.ClosedDoor;
import io.runledger.web.door.Door;
import io.runledger.web.editing.RunEditor;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code runledger serve}: the page, until it is stopped. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Serve the page and its API for a database, until Ctrl-C or SIGTERM.",
      "It listens on loopback only, unless another address is chosen; there, whoever asks needs a token"
          + " of 'runledger token create'."
    },
    footer = {"", "Example:", "  runledger serve --db runs.db --port 8400"})
public final class ServeCommand implements Callable<Integer> {

  @Mixin private DatabaseOptions database = new DatabaseOptions();

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Address to listen on. Default: the setting web.host.")
  private Optional<String> host = Optional.empty();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port to listen on; 0 takes any free one. Default: the setting web.port.")
  private Optional<Integer> port = Optional.empty();

  @Option(
      names = "--require-token",
      description = "Demand a token on loopback too, which all users of a machine can reach.")
  private boolean requireToken;

  @Mixin private ConfigFile file = new ConfigFile();

  @Spec private CommandSpec spec;

  /** Made by picocli. */
  public ServeCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    Optional<RunEditor.Factory> factory = ServiceLoader.load(RunEditor.Factory.class).findFirst();
    Configuration typed = settings();
    Configuration settings = factory.map(one -> one.ofLedger(typed)).orElse(typed);
    Optional<RunEditor> editor = factory.map(one -> one.open(settings));
    Function<Ledger, Door> door =
        ledger ->
            ServiceLoader.load(Door.Factory.class)
                .findFirst()
                .map(one -> one.open(settings, ledger))
                .orElseGet(ClosedDoor::new);
    try (WebServer server = WebServer.start(WebSettings.of(settings), editor, door)) {
      Runtime.getRuntime().addShutdownHook(new Thread(server::close, "runledger-stop"));
      PrintWriter out = spec.commandLine().getOut();
      out.println("The page is at " + server.url() + "; Ctrl-C stops it.");
      if (server.address().getAddress().isAnyLocalAddress()) {
        out.println(names(settings.get(Setting.WEB_ALLOWED_HOSTS)));
      }
      if (server.lacksTokens()) {
        out.println(
            "It demands a token, and there is none yet; make one with 'runledger token create NAME'.");
      }
      out.flush();
      server.awaitEnd();
    }
    return ExitCodes.OK;
  }

  /** A server that listens everywhere cannot know by which names others reach it. */
  private static String names(String allowed) {
    return "It answers to localhost and to the names in the setting web.allowed.hosts, "
        + (allowed.isBlank()
            ? "which has none: others are refused."
            : "which are " + allowed + ".");
  }

  private Configuration settings() {
    Configuration settings = file.load(database);
    settings = host.isPresent() ? settings.with(Setting.WEB_HOST, host.get()) : settings;
    settings = requireToken ? settings.with(Setting.WEB_TOKEN_REQUIRED, "true") : settings;
    return port.isPresent()
        ? settings.with(Setting.WEB_PORT, Integer.toString(port.get()))
        : settings;
  }
}
