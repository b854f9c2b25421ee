package io.runledger.client.sender;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.TopicNames;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarFile;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Loads the classes that sending needs, without a broker, for the archive of classes that makes the
 * next start short.
 */
public final class SendingWarmup {

  /** Where the classes are that Kafka's producer loads when a broker answers. */
  private static final List<String> USED =
      List.of(
          "org/apache/kafka/clients/producer/internals/",
          "org/apache/kafka/common/compress/",
          "org/apache/kafka/common/record/internal/",
          "org/apache/kafka/common/requests/ApiVersionsRe",
          "org/apache/kafka/common/requests/InitProducerIdRe",
          "org/apache/kafka/common/requests/MetadataRe",
          "org/apache/kafka/common/requests/ProduceRe");

  private static final String CLASS = ".class";

  private SendingWarmup() {}

  /**
   * Loads them.
   *
   * @throws IOException when they are not found
   */
  public static void of(Configuration configuration) throws IOException {
    Map<String, Object> properties = EventProducer.producerProperties(configuration.kafka());
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 500L);
    try (EventProducer producer =
        new EventProducer(
            new TopicNames(configuration.get(Setting.TOPICS_PREFIX)),
            properties,
            configuration.integer(Setting.RECORD_MAX_BYTES),
            (topic, event) -> new byte[0],
            EventProducer::guarded)) {
      var unused = producer.sendBadLine(Optional.empty(), new byte[0], "warmup");
    } catch (BrokerException expected) {
      load();
    }
  }

  private static void load() throws IOException {
    try (JarFile jar =
        new JarFile(
            Path.of(KafkaProducer.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toFile())) {
      List<String> names =
          jar.stream()
              .map(entry -> entry.getName())
              .filter(name -> name.endsWith(CLASS) && USED.stream().anyMatch(name::startsWith))
              .map(name -> name.substring(0, name.length() - CLASS.length()).replace('/', '.'))
              .toList();
      for (String name : names) {
        load(name);
      }
    } catch (URISyntaxException e) {
      throw new IOException("Cannot locate the jar of Kafka's client.", e);
    }
  }

  private static void load(String name) throws IOException {
    try {
      Class.forName(name, false, SendingWarmup.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IOException(name + " is in the jar of Kafka's client but cannot be loaded.", e);
    } catch (LinkageError needsAbsentLibrary) {
      // Kafka's client has parts for optional libraries, which may be absent.
    }
  }
}
