package io.runledger.service.rebuild;

import io.runledger.config.Configuration;
import io.runledger.schemas.TopicNames;
import io.runledger.service.log.KafkaClients;
import io.runledger.service.log.LogInspector;
import io.runledger.service.log.LogState;
import io.runledger.service.stop.LogUnreadableException;
import org.apache.kafka.clients.consumer.Consumer;

/** The log for commands that a user waits for: what it is now, and a reader outside any group. */
interface WholeLog {

  /** What the four topics are called. */
  TopicNames topics();

  /**
   * The four topics as they are now.
   *
   * @throws LogUnreadableException when the brokers do not say
   */
  LogState inspect();

  /** A reader of it, for the caller to close. */
  Consumer<byte[], byte[]> reader();

  /** The one of the brokers of a configuration. */
  static WholeLog of(Configuration configuration) {
    KafkaClients clients = new KafkaClients(configuration);
    return new WholeLog() {
      @Override
      public TopicNames topics() {
        return clients.topics();
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
      public Consumer<byte[], byte[]> reader() {
        return clients.replayer();
      }
    };
  }
}
