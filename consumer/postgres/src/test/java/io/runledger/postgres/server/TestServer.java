package io.runledger.postgres.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;

/**
 * A PostgreSQL server with its data in a temporary directory, on a free port of the loopback
 * address. It ends with this JVM, however that ends. Its users are {@code runledger}, who owns the
 * databases and needs no password, {@code guarded}, whose password is {@code open sesame}, and
 * {@code postgres}. Safe for use by several threads.
 */
public final class TestServer implements AutoCloseable {

  /** Two tests at once may draw the same free port. */
  private static final int TRIES = 3;

  private static final AtomicInteger DATABASES = new AtomicInteger();

  /** Started by the first test that needs it. */
  private static final class Shared {
    static final Optional<TestServer> SERVER = Programs.directory().map(TestServer::started);
  }

  private final int port;
  private final Process process;
  private final Writer commands;
  private final BufferedReader answers;

  private TestServer(int port, Process process) {
    this.port = port;
    this.process = process;
    commands = process.outputWriter(StandardCharsets.UTF_8);
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** The server that all tests of this JVM share. Skips the test where there is no PostgreSQL. */
  public static TestServer shared() {
    Assumptions.assumeTrue(Shared.SERVER.isPresent(), Absent.SENTENCE);
    return Shared.SERVER.orElseThrow();
  }

  /** A server that a test may kill; it closes it. Skips the test where there is no PostgreSQL. */
  public static TestServer separate() {
    Optional<Path> programs = Programs.directory();
    Assumptions.assumeTrue(programs.isPresent(), Absent.SENTENCE);
    return started(programs.orElseThrow());
  }

  private static final class Absent {
    static final String SENTENCE =
        "There is no PostgreSQL 15 or newer here (initdb on PATH, in /usr/lib/postgresql/*/bin, or where pg_config says), so nothing of PostgreSQL is tested; install Debian's package postgresql.";
  }

  private static TestServer started(Path programs) {
    String answer = "";
    for (int attempt = 0; attempt < TRIES; attempt++) {
      TestServer server = launched(programs);
      answer = server.answer();
      if (answer.startsWith("done ")) {
        server.sql(
            "CREATE ROLE runledger LOGIN", "CREATE ROLE guarded LOGIN PASSWORD 'open sesame'");
        return server;
      }
      server.close();
    }
    throw new AssertionError("PostgreSQL of " + programs + " does not start: " + answer);
  }

  private static TestServer launched(Path programs) {
    List<String> command = new ArrayList<>(asServerUser());
    command.addAll(List.of("sh", "-c", script(), "server", programs.toString()));
    int port = freePort();
    command.add(Integer.toString(port));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    // The test's own directory may be closed to the server's user.
    builder.environment().remove("TMPDIR");
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    try {
      return new TestServer(port, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException("The server of tests cannot be started.", e);
    }
  }

  /**
   * PostgreSQL refuses to run as root; and in a session of its own it outlives a signal to all of
   * the test's processes, to clean up after them.
   */
  private static List<String> asServerUser() {
    return System.getProperty("user.name").equals("root")
        ? List.of("setsid", "setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups")
        : List.of("setsid");
  }

  private static String script() {
    try (var in = TestServer.class.getResourceAsStream("server.sh")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String answer() {
    try {
      return String.valueOf(answers.readLine());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized void command(String word) {
    try {
      commands.write(word + "\n");
      commands.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String answer = answer();
    if (!answer.startsWith("done ")) {
      throw new AssertionError("The server does not obey '" + word + "': " + answer);
    }
  }

  /** Its port, of 127.0.0.1. */
  public int port() {
    return port;
  }

  /** Creates an empty database of the user runledger. Returns its URL, with the user. */
  public String emptyDatabase() {
    String name = "test_" + DATABASES.incrementAndGet();
    sql("CREATE DATABASE " + name + " OWNER runledger");
    return url(name, "runledger");
  }

  /**
   * Creates a database of the user runledger with what is in another one, in which nobody has a
   * session. Returns its URL, with the user.
   *
   * @param original the URL of that one
   */
  public String copiedDatabase(String original) {
    String name = "test_" + DATABASES.incrementAndGet();
    String template = original.replaceAll(".*/(\\w+)\\?.*", "$1");
    sql("CREATE DATABASE %s OWNER runledger TEMPLATE %s".formatted(name, template));
    return url(name, "runledger");
  }

  /** The URL of a database for a user. */
  public String url(String database, String user) {
    return "jdbc:postgresql://127.0.0.1:%d/%s?user=%s".formatted(port, database, user);
  }

  /** Runs statements as the superuser, in the database postgres. */
  public void sql(String... statements) {
    try (Connection connection = DriverManager.getConnection(url("postgres", "postgres"));
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** Ends it as a machine that loses power would; what fsync would have saved is there, though. */
  public void kill() {
    command("kill");
  }

  /** Ends it as an administrator would: sessions are cut, transactions rolled back. */
  public void stop() {
    command("stop");
  }

  /** Starts it again. */
  public void start() {
    command("start");
  }

  @Override
  public void close() {
    try {
      commands.close();
      process.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
