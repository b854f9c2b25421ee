package io.runledger.service.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.runledger.fold.batch.Decoded;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.serde.registry.LedgerSchemas;
import io.runledger.serde.registry.SchemaRegistryClient;
import io.runledger.service.log.BatchDecoder.DecodedSlice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
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
  private static final int CACHED = 7;

  private static final int FOREIGN = 8;
  private static final int OTHER = 9;

  private final Set<Integer> registered = new HashSet<>();
  private final Map<Integer, String> cache = new HashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile boolean knowsOurSubjects = true;
  private volatile boolean fails;

  /** What happens in the registry when somebody asks it for a schema. */
  private Runnable meanwhile = () -> {};

  private Instant now = Instant.EPOCH;
  private HttpServer registry;
  private BatchDecoder decoder;

  @BeforeEach
  void aRegistryThatAnswers() throws IOException {
    cache.put(CACHED, Topics.ERRORS.schema().toString());
    registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          asked.add(path);
          boolean found =
              path.startsWith("/subjects/")
                  ? knowsOurSubjects
                  : registered.contains(
                      Integer.parseInt(path.substring(path.lastIndexOf('/') + 1)));
          if (path.startsWith("/schemas/")) {
            meanwhile.run();
          }
          String body =
              found
                  ? "{\"schema\":\"\\\"string\\\"\"}"
                  : "{\"error_code\":40403,\"message\":\"no\"}";
          byte[] answer = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(fails ? 503 : found ? 200 : 404, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    registry.start();
    decoder = new BatchDecoder(schemas());
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
                record(HERE, 1, CACHED),
                record(HERE, 2, FOREIGN),
                record(HERE, 3, CACHED),
                record(THERE, 1, CACHED)));

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
    DecodedSlice decoded = decode(List.of(record(HERE, 1, FOREIGN), record(HERE, 2, CACHED)));

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
    assertThat(cache).containsEntry(OTHER, "\"string\"");
  }

  @Test
  void anIdThatTheRegistryDoesNotHaveIsAskedForOnceAMinute() {
    decode(List.of(record(HERE, 1, FOREIGN), record(THERE, 1, FOREIGN), record(HERE, 2, FOREIGN)));
    DecodedSlice again = decode(List.of(record(HERE, 3, FOREIGN)));

    assertThat(reasons(again)).containsExactly(BatchDecoder.UNKNOWN_SCHEMA);
    assertThat(asked).filteredOn(schema(FOREIGN)::equals).hasSize(1);

    registered.add(FOREIGN);
    now = now.plus(LedgerSchemas.BELIEVED);
    DecodedSlice later = decode(List.of(record(HERE, 4, FOREIGN)));

    assertThat(reasons(later)).doesNotContain(BatchDecoder.UNKNOWN_SCHEMA);
    assertThat(asked).filteredOn(schema(FOREIGN)::equals).hasSize(2);
  }

  @Test
  void aFloodOfUnknownIdsCostsOneQuestionAnId() {
    List<ConsumerRecord<byte[], byte[]>> flood = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      flood.add(record(HERE, i, 900_000 + i));
    }
    flood.add(record(HERE, 50, CACHED));

    DecodedSlice decoded = decode(flood);

    assertThat(reasons(decoded).subList(0, 50)).containsOnly(BatchDecoder.UNKNOWN_SCHEMA);
    assertThat(decoded.records()).hasSize(51);
    assertThat(asked).filteredOn(path -> path.startsWith("/schemas/")).hasSize(50);
    assertThat(asked).filteredOn(path -> path.startsWith("/subjects/")).hasSize(2);
  }

  @Test
  void anOutageIsNoVerdictThatIsRemembered() {
    fails = true;
    DecodedSlice during = decode(List.of(record(HERE, 1, FOREIGN)));
    assertThat(during.records()).isEmpty();
    assertThat(during.outage()).isPresent();

    fails = false;
    registered.add(FOREIGN);
    DecodedSlice after = decode(List.of(record(HERE, 1, FOREIGN)));

    assertThat(after.outage()).isEmpty();
    assertThat(reasons(after)).doesNotContain(BatchDecoder.UNKNOWN_SCHEMA);
  }

  @Test
  void aRegistryThatLosesItsDataWhileItIsAskedCallsNothingDead() {
    meanwhile = () -> knowsOurSubjects = false;

    DecodedSlice decoded = decode(List.of(record(HERE, 1, FOREIGN), record(HERE, 2, OTHER)));

    assertThat(decoded.records()).isEmpty();
    assertThat(decoded.blocked()).containsExactly(HERE);
    assertThat(decoded.next().get(HERE).offset()).isEqualTo(1);
  }

  @Test
  void aRetryAsksForASchemaThatWasNotThereASecondAgo() {
    ConsumerRecord<byte[], byte[]> record = record(HERE, 1, FOREIGN);
    assertThat(reasons(decode(List.of(record)))).containsExactly(BatchDecoder.UNKNOWN_SCHEMA);

    registered.add(FOREIGN);

    Decoded again = decoder.decodeAgain(record.topic(), Optional.of(record.value()));
    assertThat(((Decoded.Malformed) again).reason()).isNotEqualTo(BatchDecoder.UNKNOWN_SCHEMA);
  }

  private static String schema(int id) {
    return "/schemas/ids/" + id;
  }

  private DecodedSlice decode(List<ConsumerRecord<byte[], byte[]>> records) {
    Map<TopicPartition, NextOffset> next = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      next.put(new TopicPartition(record.topic(), record.partition()), NextOffset.after(record));
    }
    return decoder.decode(new Slice(records, next));
  }

  private WriterSchemas schemas() {
    String url = "http://127.0.0.1:" + registry.getAddress().getPort();
    return new WriterSchemas(
        TopicNames.DEFAULT,
        new SchemaRegistryClient(Map.of("schema.registry.url", url)),
        new WriterSchemas.SchemaCache() {
          @Override
          public Optional<String> schema(int id) {
            return Optional.ofNullable(cache.get(id));
          }

          @Override
          public void remember(int id, String schema) {
            cache.put(id, schema);
          }
        },
        () -> now);
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
