package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.postgres.server.TestServer;
import io.runledger.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What happens to a PostgreSQL server and to sessions on it, while a service writes. The service
 * stays, continues when it can, and nothing is lost or there twice.
 */
final class PostgresFaults implements Scenario {

  private static final String DATABASE = "faults";

  private enum Fault {
    /** The server is killed with -9. */
    KILLED,
    /** An administrator restarts it. */
    RESTARTED,
    /** None of its processes runs for some seconds. */
    STANDS_STILL,
    /** An operator ends the service's sessions. */
    TERMINATED,
    /** An operator cancels what they do. */
    CANCELLED,
    /** There are no connections left. */
    NO_CONNECTIONS,
    /** A user locks a table for some seconds. */
    LOCKED,
    /** A user's transaction waits for the service's, and it for the user's. */
    DEADLOCK,
    /** No byte is left for tables. */
    DISK_FULL,
    /** The address is gone, and another one leads to the server. */
    MOVED
  }

  @Override
  public String name() {
    return "postgres-faults";
  }

  @Override
  public Set<Store> stores() {
    return EnumSet.of(Store.POSTGRES);
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    Random random = laboratory.random();
    List<Fault> kinds = new ArrayList<>(Arrays.asList(Fault.values()));
    Collections.shuffle(kinds, random);
    int faults = laboratory.times(kinds.size(), 20 * kinds.size());
    TrainingHistory history = new TrainingHistory(laboratory.seed(), 4 * faults, 1_000);
    List<TrainingHistory.Message> messages = history.inOrder(3);
    Collections.shuffle(messages, random);
    int part = messages.size() / faults + 1;
    Path mount = Files.createTempDirectory("runledger-small-disk");
    Files.setPosixFilePermissions(mount, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (SmallDisk disk = SmallDisk.mount(mount, 192);
        Addresses server = new Addresses(TestServer.separate(), disk);
        LocalStack stack = laboratory.stack();
        RawProducer producer = new RawProducer(stack)) {
      TestLedger ledger = TestLedger.of(stack).withDatabase(server.url());
      try (ServiceProcess service = ServiceProcess.start(laboratory.directory(), ledger)) {
        service.awaitCaughtUp();
        for (int i = 0; i < faults; i++) {
          Fault fault = kinds.get(i % kinds.size());
          List<TrainingHistory.Message> round =
              messages.subList(
                  Math.min(i * part, messages.size()), Math.min((i + 1) * part, messages.size()));
          producer.send(round.subList(0, round.size() / 2));
          TimeUnit.MILLISECONDS.sleep(random.nextInt(300));
          server.suffer(
              fault, random, () -> producer.send(round.subList(round.size() / 2, round.size())));
          assertThat(service.isAlive()).as("after %s: %s", fault, service.output()).isTrue();
        }
        service.awaitCaughtUp();
        assertThat(service.awaitHealth(200).body()).contains("running");
      }
      Ledgers.assertSound(ledger.location());
      Ledgers.assertOracle(ledger.location(), messages);
      Ledgers.assertVerified(laboratory.directory(), ledger);
      assertThat(Ledgers.count(ledger.location(), "dead_letters")).isZero();
      return new Tally(faults, history.points(), 0, 0);
    } finally {
      Files.delete(mount);
    }
  }

  private interface Meanwhile {
    void happens() throws Exception;
  }

  /** A server whose database is on a small disk, and two addresses of it, one of which works. */
  private static final class Addresses implements AutoCloseable {

    private final TestServer server;
    private final SmallDisk disk;
    private final int[] ports = new int[2];
    private int current;
    private TcpForwarder forwarder;

    Addresses(TestServer server, SmallDisk disk) throws Exception {
      this.server = server;
      this.disk = disk;
      Path tables = Files.createDirectory(disk.directory().resolve("tables"));
      assertThat(new ProcessBuilder("chown", "postgres:", tables.toString()).start().waitFor())
          .isZero();
      server.sql(
          "CREATE TABLESPACE small LOCATION '" + tables + "'",
          "CREATE DATABASE " + DATABASE + " OWNER runledger TABLESPACE small");
      for (int i = 0; i < ports.length; i++) {
        try (TcpForwarder free = TcpForwarder.start(0, server.port())) {
          ports[i] = free.port();
        }
      }
      forwarder = TcpForwarder.start(ports[current], server.port());
    }

    String url() {
      return "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/%s?user=runledger&hostRecheckSeconds=1"
          .formatted(ports[0], ports[1], DATABASE);
    }

    void suffer(Fault fault, Random random, Meanwhile meanwhile) throws Exception {
      int millis = 500 + random.nextInt(2_500);
      switch (fault) {
        case KILLED -> {
          server.kill();
          meanwhile.happens();
          server.start();
        }
        case RESTARTED -> {
          server.stop();
          meanwhile.happens();
          server.start();
        }
        case STANDS_STILL -> {
          List<String> processes = processes();
          signal("STOP", processes);
          meanwhile.happens();
          TimeUnit.MILLISECONDS.sleep(millis);
          signal("CONT", processes);
        }
        case TERMINATED -> onSessions("pg_terminate_backend", random, meanwhile);
        case CANCELLED -> onSessions("pg_cancel_backend", random, meanwhile);
        case NO_CONNECTIONS -> {
          server.sql("ALTER ROLE runledger CONNECTION LIMIT 0");
          onSessions("pg_terminate_backend", random, meanwhile);
          TimeUnit.MILLISECONDS.sleep(millis);
          server.sql("ALTER ROLE runledger CONNECTION LIMIT -1");
        }
        case LOCKED -> lock(List.of("metric_points"), millis, meanwhile);
        case DEADLOCK -> lock(List.of("metric_points", "positions"), millis, meanwhile);
        case DISK_FULL -> {
          Path filler = disk.fill();
          meanwhile.happens();
          TimeUnit.MILLISECONDS.sleep(millis);
          Files.delete(filler);
        }
        case MOVED -> {
          forwarder.close();
          meanwhile.happens();
          TimeUnit.MILLISECONDS.sleep(millis);
          current = 1 - current;
          forwarder = TcpForwarder.start(ports[current], server.port());
        }
      }
    }

    private void onSessions(String function, Random random, Meanwhile meanwhile) throws Exception {
      int times = 3;
      for (int i = 0; i < times; i++) {
        server.sql(
            "SELECT %s(pid) FROM pg_stat_activity WHERE usename = 'runledger'".formatted(function));
        TimeUnit.MILLISECONDS.sleep(random.nextInt(200));
        if (i == 0) {
          meanwhile.happens();
        }
      }
    }

    /** Locks the tables one after the other; whoever is chosen to break a deadlock may be we. */
    private void lock(List<String> tables, int millis, Meanwhile meanwhile) throws Exception {
      try (Connection connection = DriverManager.getConnection(server.url(DATABASE, "runledger"));
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        String schema;
        try (ResultSet row =
            statement.executeQuery("SELECT schema FROM runledger.current_generation")) {
          assertThat(row.next()).isTrue();
          schema = row.getString(1);
        }
        boolean begun = false;
        for (String table : tables) {
          statement.execute("LOCK TABLE %s.%s IN ACCESS EXCLUSIVE MODE".formatted(schema, table));
          if (!begun) {
            meanwhile.happens();
            begun = true;
          }
          TimeUnit.MILLISECONDS.sleep(millis / tables.size());
        }
        connection.rollback();
      } catch (SQLException e) {
        assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("40P01");
      }
    }

    private List<String> processes() throws SQLException {
      try (Connection connection = DriverManager.getConnection(server.url("postgres", "postgres"));
          Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)")) {
        assertThat(row.next()).isTrue();
        ProcessHandle first = ProcessHandle.of(row.getLong(1)).orElseThrow();
        return Stream.concat(Stream.of(first), first.descendants())
            .map(process -> Long.toString(process.pid()))
            .toList();
      }
    }

    /** One of the processes may have ended meanwhile. */
    private static void signal(String name, List<String> processes)
        throws IOException, InterruptedException {
      List<String> command = new ArrayList<>(List.of("kill", "-" + name));
      command.addAll(processes);
      new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
    }

    @Override
    public void close() throws IOException {
      forwarder.close();
      server.close();
    }
  }
}
