package io.runledger.web;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.compression.Gzip;
import io.javalin.config.JavalinConfig;
import io.javalin.http.ForbiddenResponse;
import io.runledger.config.Setting;
import io.runledger.http.ServedHosts;
import io.runledger.query.Ledger;
import io.runledger.query.LocalSpool;
import io.runledger.web.api.CurveRoutes;
import io.runledger.web.api.Problems;
import io.runledger.web.api.RunRoutes;
import io.runledger.web.api.TableRoutes;
import io.runledger.web.security.SecurityHeaders;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Serves one ledger over HTTP: the API under {@code /api/v1}, and the page, which has nothing but
 * what the API answers. Reads only. Thread-safe.
 */
public final class WebServer implements AutoCloseable {

  /** Requests that are answered at once; more wait for a thread. */
  private static final int MOST_THREADS = 100;

  private static final int IDLE_MS = 60_000;
  private static final int STOP_MS = 2_000;

  /** A comparison of 100 runs names each in its address. */
  private static final int HEADER_BYTES = 64 << 10;

  /** The best of gzip costs three times the time for a tenth less. */
  private static final int GZIP_LEVEL = 4;

  private final Server server;
  private final Ledger ledger;

  private WebServer(Server server, Ledger ledger) {
    this.server = server;
    this.ledger = ledger;
  }

  /**
   * Starts to listen.
   *
   * @throws IOException when the address is taken or is not this machine's
   * @throws io.runledger.query.failure.LedgerException when the database cannot be read
   */
  public static WebServer start(WebSettings settings) throws IOException {
    ServedHosts hosts =
        ServedHosts.of(settings.host(), settings.allowedHosts(), Setting.WEB_ALLOWED_HOSTS);
    Ledger ledger = Ledger.open(settings.database());
    WebServer server = new WebServer(listener(settings), ledger);
    try {
      Javalin routes = Javalin.create(config -> server.configure(config, settings, hosts));
      ServletContextHandler handler = new ServletContextHandler();
      handler.addServlet(new ServletHolder(routes.javalinServlet()), "/*");
      server.server.setHandler(handler);
      server.server.start();
      return server;
    } catch (Exception e) {
      server.close();
      throw e instanceof IOException failure
          ? failure
          : new IOException("The page cannot be served on %s: %s".formatted(settings.host(), e), e);
    }
  }

  private static Server listener(WebSettings settings) {
    QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS);
    threads.setName("runledger-web");
    threads.setDaemon(true);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(HEADER_BYTES);
    Server server = new Server(threads);
    ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(settings.host());
    connector.setPort(settings.port());
    connector.setIdleTimeout(IDLE_MS);
    server.addConnector(connector);
    server.setStopTimeout(STOP_MS);
    return server;
  }

  private void configure(JavalinConfig config, WebSettings settings, ServedHosts hosts) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.http.compressionStrategy = new CompressionStrategy(null, new Gzip(GZIP_LEVEL));
    config.http.prefer405over404 = true;
    config.routes.before(
        context -> {
          SecurityHeaders.addTo(context);
          if (!hosts.serve(context.header("Host"))) {
            throw new ForbiddenResponse(
                "This host name is not served here; add it to the setting web.allowed.hosts.");
          }
        });
    Problems.addTo(config.routes);
    new TableRoutes(ledger).addTo(config.routes);
    new CurveRoutes(ledger).addTo(config.routes);
    new RunRoutes(ledger, new LocalSpool(settings.spool())).addTo(config.routes);
    new PageFiles().addTo(config.routes);
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    ServerConnector connector = (ServerConnector) server.getConnectors()[0];
    return new InetSocketAddress(connector.getHost(), connector.getLocalPort());
  }

  /** Returns when this was closed. */
  public void awaitEnd() throws InterruptedException {
    server.join();
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("The page's server cannot be stopped.", e);
    } finally {
      ledger.close();
    }
  }
}
