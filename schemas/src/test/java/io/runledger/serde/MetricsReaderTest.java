package io.runledger.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.schemas.ReleasedSchemas;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.junit.jupiter.api.Test;

/** Our reader of log calls against Avro's: the same events, and the same bytes refused. */
class MetricsReaderTest {

  private final Random random = new Random(20261124);
  private final RandomLogCalls calls = new RandomLogCalls(random);
  private final MetricsReader ours = MetricsReader.of(Topics.METRICS.schema()).orElseThrow();
  private final DatumReader<SpecificRecord> theirs =
      EventModel.avroReader(Topics.METRICS.schema(), Topics.METRICS);

  @Test
  void itReadsWhatAvroReads() throws IOException {
    for (int i = 0; i < 3_000; i++) {
      MetricsLogged event = calls.next();
      byte[] bytes = bytes(event);

      assertThat(read(ours, bytes)).contains(event).isEqualTo(read(theirs, bytes));
    }
  }

  @Test
  void bytesThatWereDamagedGiveTheSameEventOrNone() throws IOException {
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = bytes(calls.next());
      int damages = 1 + random.nextInt(3);
      for (int damage = 0; damage < damages; damage++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }

      Optional<SpecificRecord> expected = read(theirs, bytes);

      assertThat(read(ours, bytes)).as("event " + i).isEqualTo(expected);
      refused += expected.isEmpty() ? 1 : 0;
    }
    assertThat(refused).isBetween(2_000, 18_000);
  }

  @Test
  void aNameIsTheSameTextInEveryRow() throws IOException {
    SpecificRecord first = read(ours, bytes(Events.metrics(Map.of("loss", 1.0)))).orElseThrow();
    SpecificRecord second = read(ours, bytes(Events.metrics(Map.of("loss", 2.0)))).orElseThrow();

    assertThat(name(first)).isSameAs(name(second));
  }

  /** The bytes stay in topics and spools for ever; the version 1 of them had whole epochs. */
  @Test
  void aRecordOfVersionOneIsReadByteForByte() throws IOException {
    byte[] written =
        HexFormat.of().parseHex("0e12160002c088e30b020e02ca010002086c6f7373000000000000e03f0000");
    DatumReader<SpecificRecord> old =
        EventModel.reader(ReleasedSchemas.of(Topics.METRICS).get(0), Topics.METRICS);

    MetricsLogged event = (MetricsLogged) read(old, written).orElseThrow();

    assertThat(old).isInstanceOf(MetricsReader.class);
    assertThat(event.getRunId()).isEqualTo(7);
    assertThat(event.getRows())
        .containsExactly(
            new MetricRow(
                Instant.ofEpochSecond(12, 345_888_000), 7L, 101.0, null, Map.of("loss", 0.5)));
  }

  @Test
  void theRecordsOfVersionOneAreReadAsAvroReadsThem() throws IOException {
    Schema one = ReleasedSchemas.of(Topics.METRICS).get(0);
    DatumReader<SpecificRecord> ofOne = EventModel.reader(one, Topics.METRICS);
    DatumReader<SpecificRecord> avros = EventModel.avroReader(one, Topics.METRICS);
    for (Object datum : new RandomData(one, 500, 20261128L)) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
      new GenericDatumWriter<Object>(one).write(datum, encoder);
      encoder.flush();

      assertThat(read(ofOne, bytes.toByteArray())).isEqualTo(read(avros, bytes.toByteArray()));
    }
  }

  @Test
  void itRefusesToReadAnythingElse() {
    assertThatThrownBy(() -> ours.setSchema(Topics.ERRORS.schema()))
        .isInstanceOf(AvroRuntimeException.class);
  }

  private static String name(SpecificRecord event) {
    return ((MetricsLogged) event).getRows().get(0).getValues().keySet().iterator().next();
  }

  private static byte[] bytes(MetricsLogged event) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    EventModel.avroWriter(Topics.METRICS).write(event, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  /** Empty when the bytes are not an event. */
  private static Optional<SpecificRecord> read(DatumReader<SpecificRecord> reader, byte[] bytes) {
    try {
      BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, null);
      SpecificRecord event = reader.read(null, decoder);
      return decoder.isEnd() ? Optional.of(event) : Optional.empty();
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
