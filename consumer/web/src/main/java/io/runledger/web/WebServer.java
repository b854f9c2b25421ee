package io.runledger.web;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.compression.Gzip;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpStatus;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.router.Endpoint;
import io.runledger.config.DatabaseLocation;
import io.runledger.config.Setting;
import io.runledger.http.ServedHosts;
import io.runledger.query.Ledger;
import io.runledger.query.LedgerWatch;
import io.runledger.query.LocalSpool;
import io.runledger.web.api.AlertRoutes;
import io.runledger.web.api.CurveRoutes;
import io.runledger.web.api.EditRoutes;
import io.runledger.web.api.EntityTags;
import io.runledger.web.api.GroupRoutes;
import io.runledger.web.api.LedgerRoutes;
import io.runledger.web.api.OpenApiRoute;
import io.runledger.web.api.Problem;
import io.runledger.web.api.Problems;
import io.runledger.web.api.RunRoutes;
import io.runledger.web.api.TableRoutes;
import io.runledger.web.door.ClosedDoor;
import io.runledger.web.door.Door;
import io.runledger.web.door.DoorRoutes;
import io.runledger.web.editing.RunEditor;
import io.runledger.web.health.HealthRoute;
import io.runledger.web.health.ServiceQuestion;
import io.runledger.web.live.ChangeFeed;
import io.runledger.web.live.ChangeRoutes;
import io.runledger.web.mlflow.MlflowReads;
import io.runledger.web.security.Access;
import io.runledger.web.security.Tokens;
import jakarta.servlet.DispatcherType;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Serves one ledger over HTTP: the API under {@code /api/v1}, and the page, which has nothing but
 * what the API answers. Reads the ledger alone; what people change is an event, for somebody else
 * to record. Thread-safe.
 */
public final class WebServer implements AutoCloseable {

  /** Requests that are answered at once; more wait for a thread. */
  private static final int MOST_THREADS = ChangeRoutes.MOST_STREAMS + 64;

  private static final String API = "/api/";

  /** What is described; all else is as others describe it. */
  private static final String OURS = API + "v1/";

  /** What no other route of the API matches. */
  private static final String REST = API + MlflowReads.REST;

  private static final List<HandlerType> METHODS =
      List.of(
          HandlerType.GET,
          HandlerType.POST,
          HandlerType.PUT,
          HandlerType.PATCH,
          HandlerType.DELETE);

  /** A client that takes nothing for so long is cut off; what waits for it is in no buffer. */
  private static final Duration IDLE = Duration.ofSeconds(60);

  private static final int STOP_MS = 2_000;

  private static final int SHUTDOWN_IDLE_MS = 50;

  /** Connections that may wait to be accepted: of more the kernel drops what they send. */
  private static final int BACKLOG = 1_024;

  /**
   * What the kernel keeps for a client that does not take it, instead of some megabytes: enough for
   * 5 MB a second to the other side of a continent.
   */
  private static final int SEND_BUFFER = 256 << 10;

  /** A comparison of 100 runs names each in its address. */
  private static final int HEADER_BYTES = 64 << 10;

  /** The best of gzip costs three times the time for a tenth less. */
  private static final int GZIP_LEVEL = 4;

  private final Server server;
  private final Ledger ledger;
  private final LedgerWatch watch;
  private final ChangeFeed feed;
  private final Optional<RunEditor> editor;
  private final Door door;
  private Javalin routes;

  /** Where it demands one; empty where everybody may ask. */
  private Optional<Tokens> demanded = Optional.empty();

  private WebServer(Server server, Ledger ledger, Optional<RunEditor> editor, Door door) {
    this.server = server;
    this.ledger = ledger;
    this.watch = ledger.watch();
    this.feed = new ChangeFeed(ledger.watch());
    this.editor = editor;
    this.door = door;
  }

  /** Starts to listen, for reading alone. */
  public static WebServer start(WebSettings settings) throws IOException {
    return start(settings, Optional.empty());
  }

  /**
   * Starts to listen.
   *
   * @param editor records what people change; closed with the server
   * @throws IOException when the address is taken or is not this machine's
   * @throws io.runledger.query.failure.LedgerException when the database cannot be read
   */
  public static WebServer start(WebSettings settings, Optional<RunEditor> editor)
      throws IOException {
    return start(settings, editor, ledger -> new ClosedDoor());
  }

  /**
   * The same with a door for events.
   *
   * @param door opens it to the ledger that is served; closed with the server
   */
  public static WebServer start(
      WebSettings settings, Optional<RunEditor> editor, Function<Ledger, Door> door)
      throws IOException {
    return start(settings, editor, door, IDLE);
  }

  /** The same, with another patience. */
  static WebServer start(WebSettings settings, Optional<RunEditor> editor, Duration idle)
      throws IOException {
    return start(settings, editor, ledger -> new ClosedDoor(), idle);
  }

  private static WebServer start(
      WebSettings settings, Optional<RunEditor> editor, Function<Ledger, Door> door, Duration idle)
      throws IOException {
    ServedHosts hosts =
        ServedHosts.of(settings.host(), settings.allowedHosts(), Setting.WEB_ALLOWED_HOSTS);
    Ledger ledger = Ledger.open(settings.database());
    WebServer server = new WebServer(listener(settings, idle), ledger, editor, door.apply(ledger));
    try {
      server.routes = Javalin.create(config -> server.configure(config, settings, hosts, idle));
      ServletContextHandler handler = new ServletContextHandler();
      handler.addFilter(new HeadRequests(), "/*", EnumSet.of(DispatcherType.REQUEST));
      handler.setErrorHandler(new RefusedRequests());
      handler.addServlet(new ServletHolder(server.routes.javalinServlet()), "/*");
      server.server.setHandler(handler);
      server.server.start();
      return server;
    } catch (Exception e) {
      server.close();
      boolean isTaken = e.getCause() instanceof BindException;
      Throwable cause = isTaken ? e.getCause() : e;
      throw new IOException(
          "The page cannot be served on %s, port %d: %s%s."
              .formatted(
                  settings.host(),
                  settings.port(),
                  cause.getMessage(),
                  isTaken ? "; choose another port with web.port or --port, 0 for any" : ""),
          cause);
    }
  }

  private static Server listener(WebSettings settings, Duration idle) {
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
    connector.setIdleTimeout(idle.toMillis());
    // Browsers keep idle connections open, and whoever stops the server waits for those.
    connector.setShutdownIdleTimeout(SHUTDOWN_IDLE_MS);
    connector.setAcceptQueueSize(BACKLOG);
    connector.setAcceptedSendBufferSize(SEND_BUFFER);
    server.addConnector(connector);
    server.setErrorHandler(new RefusedRequests());
    server.setStopTimeout(STOP_MS);
    return server;
  }

  private void configure(
      JavalinConfig config, WebSettings settings, ServedHosts hosts, Duration idle) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.http.compressionStrategy = new CompressionStrategy(null, new Gzip(GZIP_LEVEL));
    config.http.prefer405over404 = true;
    Tokens tokens = Tokens.of(settings.database(), settings.directory());
    boolean isTokenRequired = isTokenRequired(settings);
    demanded = isTokenRequired ? Optional.of(tokens) : Optional.empty();
    new Access(hosts, tokens, isTokenRequired).addTo(config.routes);
    new EntityTags(watch).addTo(config.routes);
    Problems.addTo(config.routes);
    new TableRoutes(ledger).addTo(config.routes);
    new CurveRoutes(ledger).addTo(config.routes);
    new RunRoutes(ledger, new LocalSpool(settings.spool())).addTo(config.routes);
    new LedgerRoutes(ledger).addTo(config.routes);
    new GroupRoutes(ledger).addTo(config.routes);
    new AlertRoutes(ledger).addTo(config.routes);
    new HealthRoute(
            ledger,
            settings.database(),
            settings.spool(),
            new ServiceQuestion(
                serviceOf(settings.database()), settings.serviceHost(), settings.servicePort()),
            Libraries.version("io.runledger/runledger-web"))
        .addTo(config.routes);
    new EditRoutes(ledger, editor).addTo(config.routes);
    new DoorRoutes(door).addTo(config.routes);
    new MlflowReads(ledger, door.accepted(), this::methods).addTo(config.routes);
    new ChangeRoutes(feed, idle).addTo(config.routes);
    OpenApiRoute.addTo(config.routes);
    config.routes.get(REST, this::refuse);
    config.routes.exception(MethodNotAllowedResponse.class, (e, context) -> refuse(context));
    new PageFiles().addTo(config.routes);
  }

  /** Whether a service that says which database it writes writes this one. */
  private Predicate<String> serviceOf(DatabaseLocation database) {
    return database instanceof DatabaseLocation.File file
        ? ServiceQuestion.ofFile(file.path())
        : written -> written.equals(ledger.location());
  }

  /** Refuses a method, with those that there are; 404 where there is none. */
  private void refuse(Context context) {
    List<String> methods = methods(context);
    if (methods.isEmpty()) {
      // Not thrown: this may be the answer to an exception already.
      new Problem(HttpStatus.NOT_FOUND, Problem.NOTHING).answer(context);
      return;
    }
    String allowed = String.join(", ", methods);
    context.header("Allow", allowed);
    new Problem(
            HttpStatus.METHOD_NOT_ALLOWED,
            "Only %s is answered at this address.".formatted(allowed))
        .answer(context);
  }

  /** The methods that are answered at the address of a request. */
  private List<String> methods(Context context) {
    String path = context.path();
    boolean isApi = path.startsWith(API);
    return METHODS.stream()
        .filter(
            method ->
                routes.unsafe.internalRouter.findHttpHandlerEntries(method, path).stream()
                    .anyMatch(entry -> !isApi || !isForAll(entry.endpoint)))
        .map(HandlerType::name)
        .toList();
  }

  /** Whether it takes addresses of any length, as the files of the page and {@link #REST} do. */
  private static boolean isForAll(Endpoint endpoint) {
    return (endpoint.path.startsWith(API) && endpoint.path.endsWith("/" + MlflowReads.REST))
        || (endpoint.path.contains("<") && !endpoint.path.startsWith(API));
  }

  /** Whether who asks needs a token: wherever others than this machine can ask. */
  private static boolean isTokenRequired(WebSettings settings) {
    try {
      return settings.isTokenRequired()
          || !InetAddress.getByName(settings.host()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      // Listening there will say so.
      return true;
    }
  }

  /**
   * Whether it demands a token and none is in force: nobody can ask it yet.
   *
   * @throws IOException when the file of tokens cannot be read
   */
  public boolean lacksTokens() throws IOException {
    return demanded.isPresent() && demanded.get().list().isEmpty();
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    ServerConnector connector = (ServerConnector) server.getConnectors()[0];
    return new InetSocketAddress(connector.getHost(), connector.getLocalPort());
  }

  /** The methods and paths of the API, such as {@code GET /api/v1/runs}. */
  List<String> routesOfApi() {
    return routes.unsafe.internalRouter.allHttpHandlers().stream()
        .map(handler -> handler.endpoint)
        .filter(endpoint -> METHODS.contains(endpoint.method))
        .filter(endpoint -> endpoint.path.startsWith(OURS) && !isForAll(endpoint))
        .map(endpoint -> endpoint.method.name() + " " + endpoint.path)
        .toList();
  }

  /** How many listen to changes. */
  int streams() {
    return feed.listeners();
  }

  /** Its address, as people type it. */
  public String url() {
    String host = address().getHostString();
    return "http://%s:%d/"
        .formatted(host.contains(":") ? "[" + host + "]" : host, address().getPort());
  }

  /** Returns when this was closed. */
  public void awaitEnd() throws InterruptedException {
    server.join();
  }

  /** A second call waits for the first. */
  @Override
  public synchronized void close() {
    try {
      // Its listeners end with it, which the server would wait for.
      feed.close();
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("The page's server cannot be stopped.", e);
    } finally {
      door.close();
      watch.close();
      ledger.close();
      editor.ifPresent(RunEditor::close);
    }
  }
}
