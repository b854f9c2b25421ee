package io.runledger.service.log;

import io.runledger.config.Configuration;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.serde.registry.SchemaRegistryClient;
import io.runledger.service.stop.LogUnreadableException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** The four topics on the brokers of a configuration. */
public final class TopicsLog implements WholeLog {

  private final KafkaClients clients;
  private final SchemaRegistryClient registry;

  public TopicsLog(Configuration configuration) {
    this.clients = new KafkaClients(configuration);
    this.registry = new SchemaRegistryClient(configuration.kafka());
  }

  @Override
  public void requireOwn(ProjectionLocation database, List<Position> stored) {
    PositionCheck.requireOwnTopics(database, stored, clients.topics());
  }

  @Override
  public LogState inspect() {
    try (LogInspector inspector = new LogInspector(clients)) {
      return inspector.inspect();
    } catch (LogInspector.BrokersUnavailableException e) {
      throw new LogUnreadableException(
          e.getMessage() + " Check that they are up, and run the command again.", e);
    }
  }

  @Override
  public LogReader reader(
      List<Position> from, Map<TopicPartition, Long> ends, Map<Integer, String> schemas) {
    return new TopicReader(
        clients.replayer(),
        clients.topics(),
        registry,
        from,
        ends,
        schemas,
        InstantSource.system());
  }
}
