package io.runledger.stack;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.common.Uuid;

/**
 * The broker: one KRaft node that is its own controller.
 *
 * @param child its process
 * @param port the port that clients connect to
 * @param controllerPort the port of its controller
 * @param clusterId id of its cluster, which distinguishes it from another broker on that port
 * @param log its output
 */
record BrokerProcess(ChildProcess child, int port, int controllerPort, String clusterId, Path log)
    implements Server {

  static BrokerProcess start(
      Installation installation, Path directory, int port, int controllerPort) throws IOException {
    Path data = directory.resolve("broker");
    Path properties = directory.resolve("broker.properties");
    LocalStack.write(properties, properties(data, port, controllerPort));
    Path log = directory.resolve("log").resolve("broker.log");
    String clusterId = clusterId(directory);
    List<String> command =
        installation.java(
            directory,
            List.of(
                "-Xmx512m", "-Dlogback.configurationFile=io/runledger/stack/broker-logback.xml"),
            installation.broker().resolve("*").toString(),
            BrokerMain.class.getName(),
            properties.toString(),
            clusterId);
    return new BrokerProcess(
        ChildProcess.start(command, log), port, controllerPort, clusterId, log);
  }

  static String clusterId(Path directory) throws IOException {
    Path file = directory.resolve("cluster.properties");
    Properties cluster = LocalStack.read(file);
    if (!cluster.containsKey("cluster.id")) {
      // A crash of the machine may have emptied the file; the broker's own data has the id, too.
      Properties formatted =
          LocalStack.read(directory.resolve("broker").resolve("meta.properties"));
      cluster.setProperty(
          "cluster.id", formatted.getProperty("cluster.id", Uuid.randomUuid().toString()));
      LocalStack.write(file, cluster);
    }
    return cluster.getProperty("cluster.id");
  }

  private static Properties properties(Path data, int port, int controllerPort) {
    Properties properties = new Properties();
    properties.putAll(
        Map.ofEntries(
            Map.entry("process.roles", "broker,controller"),
            Map.entry("node.id", "1"),
            Map.entry("controller.quorum.voters", "1@127.0.0.1:" + controllerPort),
            Map.entry(
                "listeners",
                "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort),
            Map.entry("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port),
            Map.entry("controller.listener.names", "CONTROLLER"),
            Map.entry("inter.broker.listener.name", "PLAINTEXT"),
            Map.entry("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"),
            Map.entry("log.dirs", data.toString()),
            Map.entry("auto.create.topics.enable", "false"),
            Map.entry("offsets.topic.replication.factor", "1"),
            Map.entry("offsets.topic.num.partitions", "1"),
            Map.entry("transaction.state.log.replication.factor", "1"),
            Map.entry("transaction.state.log.min.isr", "1"),
            Map.entry("share.coordinator.state.topic.replication.factor", "1"),
            Map.entry("share.coordinator.state.topic.min.isr", "1"),
            Map.entry("group.initial.rebalance.delay.ms", "0"),
            // The controller readmits the broker only when its previous session has expired.
            Map.entry("broker.session.timeout.ms", "3000"),
            Map.entry("broker.heartbeat.interval.ms", "500"),
            Map.entry("log.cleaner.dedupe.buffer.size", "2097152")));
    return properties;
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void awaitReady() {
    Map<String, Object> settings =
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            address(),
            AdminClientConfig.RECONNECT_BACKOFF_MS_CONFIG,
            50,
            AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
            100);
    Readiness.await("broker's port", child, log, () -> Readiness.accepts(port));
    try (Admin admin = Admin.create(settings)) {
      Readiness.await("broker", child, log, () -> isOurs(admin));
    }
  }

  /** Another stack that is started at the same moment may have taken the port before us. */
  private boolean isOurs(Admin admin) {
    try {
      DescribeClusterResult cluster = admin.describeCluster();
      return !cluster.nodes().get(2, TimeUnit.SECONDS).isEmpty()
          && cluster.clusterId().get(2, TimeUnit.SECONDS).equals(clusterId);
    } catch (ExecutionException | TimeoutException notYet) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
