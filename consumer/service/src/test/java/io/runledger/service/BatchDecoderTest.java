package io.runledger.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.runledger.projection.Decoded;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.serde.SchemaRegistryClient;
import io.runledger.service.BatchDecoder.DecodedSlice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a record whose schema the database does not hold, by what the registry says. */
class BatchDecoderTest {

  private static final TopicPartition HERE =
      new TopicPartition(TopicNames.DEFAULT.name(Topics.ERRORS), 0);
  private static final TopicPartition THERE =
      new TopicPartition(TopicNames.DEFAULT.name(Topics.ERRORS), 1);

  /** The registry's ids: one that the database holds, two that only the registry may know. */
  private static final int SHELVED = 7;

  private static final int FOREIGN = 8;
  private static final int OTHER = 9;

  private final Set<Integer> registered = new HashSet<>();
  private final Map<Integer, String> shelf = new HashMap<>();
  private boolean knowsOurSubjects = true;
  private HttpServer registry;

  @BeforeEach
  void aRegistryThatAnswers() throws IOException {
    shelf.put(SHELVED, Topics.ERRORS.schema().toString());
    registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          boolean found =
              path.startsWith("/subjects/")
                  ? knowsOurSubjects
                  : registered.contains(
                      Integer.parseInt(path.substring(path.lastIndexOf('/') + 1)));
          String body =
              found
                  ? "{\"schema\":\"\\\"string\\\"\"}"
                  : "{\"error_code\":40403,\"message\":\"no\"}";
          byte[] answer = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(found ? 200 : 404, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    registry.start();
  }

  @AfterEach
  void stop() {
    registry.stop(0);
  }

  @Test
  void whileTheRegistryIsDownAPartitionWaitsAtTheRecordAndNothingIsCalledDead() {
    registry.stop(0);

    DecodedSlice decoded =
        decode(
            List.of(
                record(HERE, 1, SHELVED),
                record(HERE, 2, FOREIGN),
                record(HERE, 3, SHELVED),
                record(THERE, 1, SHELVED)));

    assertThat(places(decoded)).as("applied").containsExactly("0:1", "1:1");
    assertThat(decoded.blocked()).containsExactly(HERE);
    assertThat(decoded.next().get(HERE).offset()).as("goes on at").isEqualTo(2);
    assertThat(decoded.next().get(THERE).offset()).isEqualTo(2);
    assertThat(decoded.outage()).isPresent();
    assertThat(reasons(decoded)).doesNotContain(BatchDecoder.UNKNOWN_SCHEMA);
  }

  @Test
  void aRegistryThatKnowsNothingOfOursCannotSayThatASchemaDoesNotExist() {
    knowsOurSubjects = false;

    DecodedSlice decoded = decode(List.of(record(HERE, 1, FOREIGN)));

    assertThat(decoded.records()).isEmpty();
    assertThat(decoded.blocked()).containsExactly(HERE);
    assertThat(decoded.outage()).isPresent();
  }

  @Test
  void aSchemaThatTheRegistryDoesNotHaveIsAVerdictOnTheRecordAlone() {
    DecodedSlice decoded = decode(List.of(record(HERE, 1, FOREIGN), record(HERE, 2, SHELVED)));

    assertThat(places(decoded)).containsExactly("0:1", "0:2");
    assertThat(reasons(decoded).get(0)).isEqualTo(BatchDecoder.UNKNOWN_SCHEMA);
    assertThat(decoded.blocked()).isEmpty();
    assertThat(decoded.outage()).isEmpty();
  }

  @Test
  void aSchemaThatCameFromTheRegistryIsKeptInTheDatabase() {
    registered.add(OTHER);

    DecodedSlice decoded = decode(List.of(record(HERE, 1, OTHER)));

    assertThat(places(decoded)).containsExactly("0:1");
    assertThat(shelf).containsEntry(OTHER, "\"string\"");
  }

  private DecodedSlice decode(List<ConsumerRecord<byte[], byte[]>> records) {
    Map<TopicPartition, NextOffset> next = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      next.put(new TopicPartition(record.topic(), record.partition()), NextOffset.after(record));
    }
    String url = "http://127.0.0.1:" + registry.getAddress().getPort();
    WriterSchemas schemas =
        new WriterSchemas(
            TopicNames.DEFAULT,
            new SchemaRegistryClient(Map.of("schema.registry.url", url)),
            new WriterSchemas.Shelf() {
              @Override
              public Optional<String> schema(int id) {
                return Optional.ofNullable(shelf.get(id));
              }

              @Override
              public void remember(int id, String schema) {
                shelf.put(id, schema);
              }
            });
    return new BatchDecoder(schemas).decode(new Slice(records, next));
  }

  /** Of this schema; what follows the schema's id is an event of none. */
  private static ConsumerRecord<byte[], byte[]> record(TopicPartition to, long offset, int schema) {
    byte[] value = ByteBuffer.allocate(6).putInt(1, schema).array();
    return new ConsumerRecord<>(to.topic(), to.partition(), offset, null, value);
  }

  private static List<String> places(DecodedSlice decoded) {
    return decoded.records().stream()
        .map(record -> record.source().partition() + ":" + record.source().offset())
        .toList();
  }

  private static List<String> reasons(DecodedSlice decoded) {
    return decoded.records().stream()
        .map(record -> ((Decoded.Malformed) record.decoded()).reason())
        .toList();
  }
}
