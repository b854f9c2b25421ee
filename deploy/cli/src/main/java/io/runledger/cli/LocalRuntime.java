package io.runledger.cli;

import io.runledger.client.sender.SpoolSender;
import io.runledger.config.Configuration;
import io.runledger.config.DatabaseLocation;
import io.runledger.config.Setting;
import io.runledger.schemas.TopicNames;
import io.runledger.service.ConsumerService;
import io.runledger.stack.LocalStack;
import io.runledger.stack.StackOptions;
import io.runledger.web.WebServer;
import io.runledger.web.WebSettings;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Everything on one machine: broker and registry as child processes, the service and the page in
 * this one, all data in one directory. {@link #close} stops page, sender, service, registry and
 * broker in this order, once, from whichever thread.
 */
final class LocalRuntime implements AutoCloseable {

  private final LocalStack stack;
  private final ConsumerService service;
  private final SpoolSender sender;
  private final Optional<WebServer> page;
  private final Configuration configuration;
  private boolean closed;

  private LocalRuntime(
      LocalStack stack,
      ConsumerService service,
      SpoolSender sender,
      Optional<WebServer> page,
      Configuration configuration) {
    this.stack = stack;
    this.service = service;
    this.sender = sender;
    this.page = page;
    this.configuration = configuration;
  }

  /**
   * Starts everything, and returns when jobs can send and the service holds its database.
   *
   * @param server the database on a server; empty for that of the last start, or a file
   */
  static LocalRuntime start(
      Path directory, Configuration settings, Optional<DatabaseLocation.Server> server)
      throws IOException {
    StackOptions options =
        StackOptions.defaults().with(new TopicNames(settings.get(Setting.TOPICS_PREFIX)));
    LocalStack stack = LocalStack.start(directory, server.map(options::with).orElse(options));
    try {
      Configuration configuration =
          settings
              .with(Setting.DATA_DIR, directory.toString())
              .with(Setting.DB, stack.configuration().get(Setting.DB))
              .with(Setting.SPOOL, directory.resolve("spool").toString())
              .with(Setting.BOOTSTRAP_SERVERS, stack.bootstrapServers())
              .with(Setting.SCHEMA_REGISTRY_URL, stack.registryUrl())
              .with(Setting.URL, "");
      UpCommand.createPrivate(configuration.path(Setting.SPOOL));
      ConsumerService service = ConsumerService.startBeside(configuration);
      SpoolSender sender = sender(service, configuration);
      return new LocalRuntime(
          stack, service, sender, page(service, sender, configuration), configuration);
    } catch (IOException | RuntimeException e) {
      try {
        stack.close();
      } catch (RuntimeException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw e;
    }
  }

  /** Sends what jobs leave in the spool: Python jobs, and all that ran while this was stopped. */
  private static SpoolSender sender(ConsumerService service, Configuration configuration) {
    try {
      return SpoolSender.start(configuration.path(Setting.SPOOL), configuration);
    } catch (RuntimeException e) {
      service.close();
      throw e;
    }
  }

  private static Optional<WebServer> page(
      ConsumerService service, SpoolSender sender, Configuration configuration) throws IOException {
    // On a free port, if it had to make way for another service.
    int health = service.healthAddress().map(InetSocketAddress::getPort).orElse(-1);
    try {
      return page(configuration.with(Setting.HEALTH_PORT, Integer.toString(health)));
    } catch (IOException | RuntimeException e) {
      sender.close();
      service.close();
      throw e;
    }
  }

  /** As with the service's port: only a default one that is taken is replaced. */
  private static Optional<WebServer> page(Configuration configuration) throws IOException {
    WebSettings settings = WebSettings.of(configuration);
    if (settings.port() < 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(started(configuration));
    } catch (IOException e) {
      if (e.getCause() instanceof BindException && !configuration.isSet(Setting.WEB_PORT)) {
        return Optional.of(started(configuration.with(Setting.WEB_PORT, "0")));
      }
      throw e;
    }
  }

  private static WebServer started(Configuration configuration) throws IOException {
    return WebServer.start(
        WebSettings.of(configuration),
        Optional.of(new EditorOfSpool(configuration)),
        ledger -> new DoorOfGateway(configuration, ledger));
  }

  /** The settings file that leads jobs and read verbs here. */
  Path properties() {
    return properties(stack.directory());
  }

  DatabaseLocation database() {
    return configuration.database();
  }

  /** Whether it sends what jobs with these settings append. */
  boolean sends(Configuration settings) {
    return real(settings.path(Setting.SPOOL)).equals(real(configuration.path(Setting.SPOOL)));
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException notThere) {
      return path;
    }
  }

  String bootstrapServers() {
    return stack.bootstrapServers();
  }

  String registryUrl() {
    return stack.registryUrl();
  }

  /** Where the page is, if it is served. */
  Optional<String> pageUrl() {
    return page.map(WebServer::url);
  }

  Optional<InetSocketAddress> healthAddress() {
    return service.healthAddress();
  }

  /**
   * Returns when this was closed.
   *
   * @throws io.runledger.service.stop.StopException when the service ended by itself
   */
  void awaitEnd() throws InterruptedException {
    service.awaitEnd();
  }

  @Override
  public synchronized void close() {
    // A second caller waits for the first: it may be the shutdown hook, at whose end the JVM halts.
    if (!closed) {
      closed = true;
      try {
        page.ifPresent(WebServer::close);
      } finally {
        closeBehindThePage();
      }
    }
  }

  private void closeBehindThePage() {
    try {
      sender.close();
    } finally {
      try {
        service.close();
      } finally {
        stack.close();
      }
    }
  }

  static Path properties(Path directory) {
    return directory.resolve("stack.properties");
  }
}
