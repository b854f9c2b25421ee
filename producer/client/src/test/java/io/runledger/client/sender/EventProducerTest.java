package io.runledger.client.sender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.client.sender.EventProducer.NoBrokerException;
import io.runledger.client.sender.EventProducer.Sent;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.serde.WireFormat;
import io.runledger.serde.registry.RegistryUnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.Test;

class EventProducerTest {

  private static final RunId RUN = new RunId(5);
  private static final Serializer<SpecificRecord> SIXTEEN_BYTES = (topic, event) -> new byte[16];

  private final MockProducer<byte[], byte[]> kafka = kafka();

  private static long seq(Sent sent) {
    return Envelope.of(sent.record()).seq();
  }

  @Test
  void consecutiveCallsOfAStreamAreOneRecordUnderTheKeyOfTheirRun() throws IOException {
    List<Sent> sent = producer().send(Topics.METRICS, List.of(call(0), call(1), call(2)));

    assertThat(sent)
        .singleElement()
        .extracting(EventProducerTest::seq, Sent::events)
        .containsExactly(0L, 3);
    ProducerRecord<byte[], byte[]> message = kafka.history().get(0);
    assertThat(message.topic()).isEqualTo(TopicNames.DEFAULT.name(Topics.METRICS));
    assertThat(message.key()).isEqualTo(RUN.toString().getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void eventsGoToTheTopicsOfThePrefix() throws IOException {
    EventProducer lab =
        new EventProducer(
            new TopicNames("lab"), Map.of(), 1 << 20, SIXTEEN_BYTES, properties -> kafka);

    lab.send(Topics.METRICS, List.of(call(0)));
    Future<?> unused = lab.sendBadLine(Optional.of(RUN), new byte[] {1}, "no JSON");

    assertThat(kafka.history())
        .extracting(ProducerRecord::topic)
        .containsExactly("lab.metrics", "lab.runs");
  }

  @Test
  void aCallThatDoesNotFollowBeginsARecord() throws IOException {
    List<Sent> sent = producer().send(Topics.METRICS, List.of(call(0), call(1), call(5), call(6)));

    assertThat(sent).extracting(EventProducerTest::seq).containsExactly(0L, 5L);
    assertThat(sent).extracting(Sent::events).containsExactly(2, 2);
  }

  /** A study has events of many writers behind one another. */
  @Test
  void callsOfSeveralWritersAreNotOneRecordAlthoughTheirNumbersFollow() throws IOException {
    MetricsLogged last = (MetricsLogged) call(1);
    MetricsLogged ofAnother = new MetricsLogged(RUN.value(), 2L, 4L, 2L, last.getRows());

    List<Sent> sent = producer().send(Topics.METRICS, List.of(call(0), last, ofAnother));

    assertThat(sent).extracting(Sent::events).containsExactly(2, 1);
    assertThat(sent)
        .extracting(each -> Envelope.of(each.record()).writer())
        .containsExactly(3L, 4L);
  }

  @Test
  void aRecordThatWouldBecomeLargerThanTheLimitIsCut() throws IOException {
    List<SpecificRecord> calls = new ArrayList<>();
    for (int seq = 0; seq < 1_000; seq++) {
      calls.add(call(seq));
    }

    List<Sent> sent = producer(SIXTEEN_BYTES, 10_000).send(Topics.METRICS, calls);

    assertThat(sent).hasSizeGreaterThan(10);
    assertThat(sent.stream().mapToInt(Sent::events).sum()).isEqualTo(1_000);
  }

  @Test
  void eachEventAloneIsARecordEach() throws IOException {
    List<Sent> sent = producer().sendEach(Topics.METRICS, List.of(call(0), call(1)));

    assertThat(sent).extracting(Sent::events).containsExactly(1, 1);
  }

  @Test
  void anEventThatKafkaRefusesForItsSizeIsNoOutage() throws Exception {
    List<Sent> sent = producer().send(Topics.ERRORS, List.of(error()));
    kafka.errorNext(new RecordTooLargeException("1 MB at most"));

    assertThat(sent.get(0).isTooLarge()).isTrue();
  }

  @Test
  void aSendThatFailsAtOnceEndsTheChunkBecauseEachFurtherOneWouldBlockAsLong() {
    MockProducer<byte[], byte[]> unreachable =
        new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer()) {
          @Override
          public synchronized Future<RecordMetadata> send(
              ProducerRecord<byte[], byte[]> record, Callback callback) {
            Future<RecordMetadata> future = super.send(record, callback);
            errorNext(new TimeoutException("no metadata after 3,000 ms"));
            return future;
          }
        };
    EventProducer producer =
        new EventProducer(TopicNames.DEFAULT, Map.of(), 1 << 20, SIXTEEN_BYTES, p -> unreachable);

    assertThatThrownBy(() -> producer.sendEach(Topics.METRICS, List.of(call(0), call(1))))
        .isInstanceOf(NoBrokerException.class);

    assertThat(unreachable.history()).hasSize(1);
  }

  @Test
  void aRegistryThatIsAwayIsAnOutageAndNotTheEventsFault() {
    EventProducer producer =
        producer(
            (topic, event) -> {
              throw new RegistryUnavailableException("The registry does not answer.", null);
            },
            1 << 20);

    assertThatThrownBy(() -> producer.send(Topics.METRICS, List.of(call(0))))
        .isInstanceOf(NoBrokerException.class)
        .hasMessageContaining(TopicNames.DEFAULT.name(Topics.METRICS));
    assertThat(kafka.history()).isEmpty();
  }

  @Test
  void aProducerThatCannotBeMadeIsAnOutage() {
    EventProducer producer =
        new EventProducer(
            TopicNames.DEFAULT,
            Map.of(),
            1 << 20,
            SIXTEEN_BYTES,
            properties -> {
              throw new KafkaException("No resolvable bootstrap urls");
            });

    assertThatThrownBy(() -> producer.send(Topics.METRICS, List.of(call(0))))
        .isInstanceOf(NoBrokerException.class);
  }

  @Test
  void withoutZstdTheNextProducerCompressesWithGzip() throws IOException {
    List<Object> compressions = new ArrayList<>();
    EventProducer producer =
        new EventProducer(
            TopicNames.DEFAULT,
            EventProducer.producerProperties(Map.of()),
            1 << 20,
            SIXTEEN_BYTES,
            properties -> {
              Object compression = properties.get("compression.type");
              compressions.add(compression);
              return compression.equals("zstd") ? failingToLoad() : kafka;
            });

    assertThatThrownBy(() -> producer.send(Topics.METRICS, List.of(call(0))))
        .isInstanceOf(NoBrokerException.class);
    assertThat(producer.send(Topics.METRICS, List.of(call(0)))).hasSize(1);

    assertThat(compressions).containsExactly("zstd", "gzip");
  }

  @Test
  void aBadLineGoesAsItStandsWithItsReasonInAHeader() throws IOException {
    byte[] line = "{\"metrics\":".getBytes(StandardCharsets.UTF_8);

    Future<?> future = producer().sendBadLine(Optional.of(RUN), line, "line 3 is cut");

    assertThat(future).isNotDone();
    ProducerRecord<byte[], byte[]> message = kafka.history().get(0);
    assertThat(message.value()).isEqualTo(line);
    assertThat(message.headers().lastHeader(WireFormat.BAD_LINE_HEADER).value())
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("line 3 is cut");
  }

  @Test
  void whatThePromisesRestOnIsNotForTheUserToChoose() {
    Map<String, Object> properties =
        EventProducer.producerProperties(
            Map.of("acks", "0", "enable.idempotence", "false", "max.block.ms", "600000"));

    assertThat(properties)
        .containsEntry("acks", "all")
        .containsEntry("enable.idempotence", true)
        .containsEntry("max.block.ms", 3_000L);
  }

  @Test
  void noRecordThatTheSettingAllowsIsRefusedBeforeTheBrokerSawIt() {
    Map<String, String> settings = Map.of("record.max.bytes", Integer.toString(8 << 20));
    int longest =
        Configuration.load(settings, Map.of("HOME", "/"), Optional.empty())
            .integer(Setting.RECORD_MAX_BYTES);

    Map<String, Object> properties = EventProducer.producerProperties(Map.of());

    assertThat((int) properties.get("max.request.size")).isGreaterThan(longest);
  }

  private EventProducer producer() {
    return producer(SIXTEEN_BYTES, 1 << 20);
  }

  private EventProducer producer(Serializer<SpecificRecord> serializer, int recordMaxBytes) {
    return new EventProducer(
        TopicNames.DEFAULT, Map.of(), recordMaxBytes, serializer, properties -> kafka);
  }

  private static MockProducer<byte[], byte[]> kafka() {
    return new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static MockProducer<byte[], byte[]> failingToLoad() {
    return new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer()) {
      @Override
      public synchronized Future<RecordMetadata> send(
          ProducerRecord<byte[], byte[]> record, Callback callback) {
        throw new UnsatisfiedLinkError("libzstd-jni.so: failed to map segment");
      }
    };
  }

  private static SpecificRecord call(long seq) {
    Map<String, Double> values = Map.of("loss", (double) seq);
    return new MetricsLogged(
        RUN.value(), 2L, 3L, seq, List.of(new MetricRow(Instant.EPOCH, seq, null, null, values)));
  }

  private static SpecificRecord error() {
    return ErrorLogged.newBuilder()
        .setRunId(RUN.value())
        .setAttemptId(2)
        .setWriterId(3)
        .setSeq(0)
        .setAt(Instant.EPOCH)
        .setExceptionType("E")
        .setMessage("m")
        .setTraceback("t")
        .build();
  }
}
