package io.runledger.service.health;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Setting;
import io.runledger.http.HttpPort;
import io.runledger.http.HttpPort.Answer;
import io.runledger.http.HttpPort.Route;
import io.runledger.http.ServedHosts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * Answers {@code GET /health} (200 or 503, JSON) and {@code GET /metrics} (Prometheus' text form).
 * On an address that was chosen for others to reach, {@code /health} is answered under any name.
 */
public final class HealthServer implements AutoCloseable {

  private final HttpPort port;

  private HealthServer(HttpPort port) {
    this.port = port;
  }

  /**
   * Starts to listen.
   *
   * @param port 0 takes any free one
   * @param database what the service writes, which tells it from others on this machine
   * @throws UncheckedIOException when the address is taken or is not this machine's
   */
  public static HealthServer start(
      String host,
      int port,
      String allowedHosts,
      String database,
      ServiceHealth health,
      ServiceMetrics metrics) {
    try {
      return new HealthServer(
          HttpPort.open(
              "runledger-health",
              new InetSocketAddress(host, port),
              ServedHosts.of(host, allowedHosts, Setting.HEALTH_ALLOWED_HOSTS),
              List.of(
                  new Route("GET", "/health", true, request -> health(database, health.report())),
                  new Route("GET", "/metrics", request -> Answer.metrics(metrics.scrape())))));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The health port %s:%d cannot be opened (%s). Set health.port to another port, to 0 for any free one, or to -1 for none."
              .formatted(host, port, e.getMessage()),
          e);
    }
  }

  public InetSocketAddress address() {
    return port.address();
  }

  private static Answer health(String database, ServiceHealth.Report report) {
    return new Answer(
        report.healthy() ? 200 : 503, "application/json", json(database, report) + "\n");
  }

  static String json(String database, ServiceHealth.Report report) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("healthy", report.healthy());
    json.put("state", report.state().name().toLowerCase(Locale.ROOT));
    json.put("database", database);
    json.put("since", report.since().toString());
    report.lastApplied().ifPresent(last -> json.put("last_applied", last.toString()));
    json.put("accepted_gaps", report.gaps());
    ObjectNode lag = json.putObject("lag");
    report.lagByTopic().forEach(lag::put);
    report.group().ifPresent(group -> put(json, report, group));
    report.reasons().forEach(json.putArray("reasons")::add);
    return json.toString();
  }

  /** What is this service's of the partitions, and what all members of its group do. */
  private static void put(ObjectNode json, ServiceHealth.Report report, GroupReport group) {
    ArrayNode partitions = json.putArray("partitions");
    report.lag().entrySet().stream()
        .sorted(
            Comparator.comparing((Map.Entry<TopicPartition, Long> one) -> one.getKey().topic())
                .thenComparing(one -> one.getKey().partition()))
        .forEach(
            one ->
                partitions
                    .addObject()
                    .put("topic", one.getKey().topic())
                    .put("partition", one.getKey().partition())
                    .put("lag", one.getValue()));
    ObjectNode all = json.putObject("group");
    all.put("lag", group.lag());
    ArrayNode members = all.putArray("members");
    for (GroupReport.MemberReport member : group.members()) {
      ObjectNode one = members.addObject();
      one.put("member", member.name());
      member.partitions().forEach(one.putArray("partitions")::add);
      one.put("lag", member.lag());
    }
    group.unread().forEach(all.putArray("unread")::add);
  }

  @Override
  public void close() {
    port.close();
  }
}
