package io.runledger.tests;

import io.runledger.cli.DoorOfGateway;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.service.follow.Follower;
import io.runledger.spool.FollowedSpool;
import io.runledger.web.WebServer;
import io.runledger.web.WebSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A server in this process that takes events over HTTP, and a follower of its spool that writes
 * them into a database: either may be stopped and started again. Once it was started, the server
 * keeps its port.
 */
final class FollowedServer {

  private final Path spool;
  private final String url;
  private Configuration configuration;
  private Optional<Follower> follower = Optional.empty();
  private Thread following;
  private WebServer server;

  /** With its files in a directory; starts both. */
  FollowedServer(Path directory, boolean needsToken) throws IOException {
    spool = directory.resolve("runs.db.spool");
    FollowedSpool.follow(spool);
    configuration =
        Configuration.load(Map.of(), Map.of("HOME", directory.toString()), Optional.empty())
            .with(Setting.DATA_DIR, directory.toString())
            .with(Setting.DB, directory.resolve("runs.db").toString())
            .with(Setting.SPOOL, spool.toString())
            .with(Setting.WEB_PORT, "0")
            .with(Setting.WEB_TOKEN_REQUIRED, Boolean.toString(needsToken))
            .with(Setting.HEALTH_PORT, "-1");
    follow();
    serve();
    url = server.url();
    configuration =
        configuration.with(Setting.WEB_PORT, Integer.toString(URI.create(url).getPort()));
  }

  /** Where it listens, also while it is stopped; ends in a slash. */
  String url() {
    return url;
  }

  Path database() {
    return configuration.path(Setting.DB);
  }

  void serve() throws IOException {
    server =
        WebServer.start(
            WebSettings.of(configuration),
            Optional.empty(),
            ledger -> new DoorOfGateway(configuration, ledger));
  }

  void stopServing() {
    server.close();
  }

  void requireToken() {
    configuration = configuration.with(Setting.WEB_TOKEN_REQUIRED, "true");
  }

  void follow() {
    Follower started = Follower.open(spool, configuration);
    follower = Optional.of(started);
    following = new Thread(() -> run(started));
    following.start();
  }

  private static void run(Follower follower) {
    try {
      follower.run(Optional.empty());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Does nothing when it does not follow. */
  void stopFollowing() throws InterruptedException {
    if (follower.isPresent()) {
      follower.get().end();
      following.join();
      follower.get().close();
      follower = Optional.empty();
    }
  }

  void close() throws InterruptedException {
    stopServing();
    stopFollowing();
  }
}
