package io.runledger.agent.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.RunId;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.SlurmReference;
import io.runledger.serde.EventModel;
import io.runledger.serde.registry.LedgerSchemas;
import io.runledger.serde.registry.RegistryUnavailableException;
import io.runledger.serde.registry.SchemaNotFoundException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which attempts refer to jobs of a cluster, and where reading continues after an outage. */
class ReferencesTest {

  private static final String TOPIC = "runledger.runs";
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

  private static final int ID = 1;

  private enum Registry {
    OURS,
    AWAY,
    FOREIGN
  }

  private Registry registry = Registry.OURS;

  /** Knows no offset of any time, so that reading begins at the ends. */
  private final MockConsumer<byte[], byte[]> kafka =
      new MockConsumer<>("earliest") {
        @Override
        public synchronized Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(
            Map<TopicPartition, Long> times) {
          return new HashMap<>();
        }
      };

  @BeforeEach
  void aTopicOfOnePartition() {
    kafka.updatePartitions(TOPIC, List.of(new PartitionInfo(TOPIC, 0, null, null, null)));
    kafka.updateEndOffsets(Map.of(PARTITION, 40L));
    kafka.updateBeginningOffsets(Map.of(PARTITION, 0L));
  }

  private References references(Map<Integer, Long> offsets) {
    return new References(
        TopicNames.DEFAULT,
        "alpha",
        offsets,
        Instant.EPOCH,
        kafka,
        new LedgerSchemas.Registry() {
          @Override
          public Schema schema(int id) {
            if (registry == Registry.AWAY) {
              throw new RegistryUnavailableException("The registry does not answer.", null);
            }
            if (id != ID || registry == Registry.FOREIGN) {
              throw new SchemaNotFoundException("There is no schema " + id + ".", null);
            }
            return Topics.RUNS.schema();
          }

          @Override
          public boolean hasSubject(String subject) {
            if (registry == Registry.AWAY) {
              throw new RegistryUnavailableException("The registry does not answer.", null);
            }
            return registry == Registry.OURS && subject.equals("runledger.runs-value");
          }
        });
  }

  private static List<Reference> poll(References references) {
    return references.poll(Duration.ZERO);
  }

  private void add(long offset, byte[] value) {
    kafka.addRecord(new ConsumerRecord<>(TOPIC, 0, offset, null, value));
  }

  private static byte[] started(String cluster, long job) throws IOException {
    return bytes(
        RunStarted.newBuilder()
            .setSlurm(
                SlurmReference.newBuilder()
                    .setCluster(cluster)
                    .setJobId(job)
                    .setRestartCount(2)
                    .setAllocated(Map.of())
                    .build())
            .build());
  }

  private static byte[] bytes(Object kind) throws IOException {
    RunEvent event =
        RunEvent.newBuilder()
            .setRunId(5)
            .setAttemptId(6)
            .setWriterId(7)
            .setSeq(0)
            .setAt(Instant.EPOCH)
            .setEvent(kind)
            .build();
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    value.writeBytes(ByteBuffer.allocate(5).putInt(1, ID).array());
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(value, null);
    EventModel.writer(Topics.RUNS).write(event, encoder);
    encoder.flush();
    return value.toByteArray();
  }

  @Test
  void attemptsInJobsOfThisClusterAreReferencesAndNothingElseIs() throws IOException {
    References references = references(Map.of(0, 0L));
    assertThat(poll(references)).isEmpty();
    add(0, started("alpha", 42));
    add(1, started("beta", 43));
    add(2, bytes(RunStarted.newBuilder().build()));
    add(3, bytes(new Heartbeat(30)));
    add(4, null);
    add(5, new byte[] {42});

    assertThat(poll(references))
        .containsExactly(new Reference(42, new RunId(5), 6, 2, Instant.EPOCH));
    assertThat(references.offsets()).isEqualTo(Map.of(0, 6L));
  }

  @Test
  void aPartitionThatWasNeverReadBeginsWhereItsTimeIsOrAtItsEnd() throws IOException {
    References references = references(Map.of());

    assertThat(poll(references)).isEmpty();

    assertThat(references.offsets()).isEqualTo(Map.of(0, 40L));
  }

  @ParameterizedTest
  @EnumSource(
      value = Registry.class,
      names = {"AWAY", "FOREIGN"})
  void whatTheRegistryCannotSayNowIsReadAgainOnceItCan(Registry trouble) throws IOException {
    References references = references(Map.of(0, 0L));
    assertThat(poll(references)).isEmpty();
    registry = trouble;
    add(0, null);
    add(1, started("alpha", 42));

    assertThat(poll(references)).isEmpty();
    assertThat(references.offsets()).isEqualTo(Map.of(0, 1L));
    assertThat(kafka.position(PARTITION)).isEqualTo(1);
    registry = Registry.OURS;
    add(1, started("alpha", 42));

    assertThat(poll(references)).hasSize(1);
  }

  @Test
  void aRecordWhoseSchemaOurRegistryDoesNotKnowIsPassedOver() throws IOException {
    References references = references(Map.of(0, 0L));
    assertThat(poll(references)).isEmpty();
    byte[] unknown = started("alpha", 42);
    unknown[4] = ID + 1;
    add(0, unknown);
    add(1, started("alpha", 43));

    assertThat(poll(references)).extracting(Reference::jobId).containsExactly(43L);
    assertThat(references.offsets()).isEqualTo(Map.of(0, 2L));
  }

  @Test
  void anOutageOfTheBrokersIsWaitedForInLaterCalls() throws IOException {
    References references = references(Map.of(0, 0L));
    assertThat(poll(references)).isEmpty();
    kafka.setPollException(new KafkaException("no route to any broker"));

    assertThat(poll(references)).isEmpty();
    add(0, started("alpha", 42));

    assertThat(poll(references)).hasSize(1);
  }
}
