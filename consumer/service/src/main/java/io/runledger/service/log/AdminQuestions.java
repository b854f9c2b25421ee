package io.runledger.service.log;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** The few things that {@link LogInspector} asks of Kafka's admin client. Thread-safe. */
interface AdminQuestions extends AutoCloseable {

  KafkaFuture<String> clusterId();

  KafkaFuture<Map<String, TopicDescription>> topics(Collection<String> names);

  /** As a committed reader sees them. */
  KafkaFuture<Map<TopicPartition, ListOffsetsResultInfo>> offsets(
      Map<TopicPartition, OffsetSpec> specs);

  KafkaFuture<Map<ConfigResource, Config>> settings(Collection<ConfigResource> of);

  KafkaFuture<ConsumerGroupDescription> group(String name);

  @Override
  void close();

  /** Asked of the brokers. */
  static AdminQuestions of(Admin admin) {
    return new AdminQuestions() {
      @Override
      public KafkaFuture<String> clusterId() {
        return admin.describeCluster().clusterId();
      }

      @Override
      public KafkaFuture<Map<String, TopicDescription>> topics(Collection<String> names) {
        return admin.describeTopics(names).allTopicNames();
      }

      @Override
      public KafkaFuture<Map<TopicPartition, ListOffsetsResultInfo>> offsets(
          Map<TopicPartition, OffsetSpec> specs) {
        // The last stable offset: beyond it a committed reader sees nothing.
        return admin
            .listOffsets(specs, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
            .all();
      }

      @Override
      public KafkaFuture<Map<ConfigResource, Config>> settings(Collection<ConfigResource> of) {
        return admin.describeConfigs(of).all();
      }

      @Override
      public KafkaFuture<ConsumerGroupDescription> group(String name) {
        return admin.describeConsumerGroups(List.of(name)).describedGroups().get(name);
      }

      @Override
      public void close() {
        admin.close(Duration.ofSeconds(2));
      }
    };
  }
}
