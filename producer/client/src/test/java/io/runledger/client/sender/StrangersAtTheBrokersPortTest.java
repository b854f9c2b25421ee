package io.runledger.client.sender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.RunEvent;
import io.runledger.serde.kafka.BrokerProbe;
import io.runledger.serde.kafka.KafkaClientGuard;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Something that is not a Kafka answers where a broker should be. */
@Timeout(60)
class StrangersAtTheBrokersPortTest {

  private static final byte[] TLS_ALERT = {0x15, 3, 3, 0, 2, 2, 0x46};

  private ServerSocket port;
  private volatile byte[] answer = TLS_ALERT;

  /** Open when the client's bound stands; before, an answer may be faster than it. */
  private final CountDownLatch bounded = new CountDownLatch(1);

  /** For each connection, whether the other side gave it up instead of waiting for more. */
  private final LinkedBlockingQueue<Boolean> givenUp = new LinkedBlockingQueue<>();

  @BeforeEach
  void listen() throws IOException {
    port = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread stranger = new Thread(this::answerAll, "stranger");
    stranger.setDaemon(true);
    stranger.start();
  }

  @AfterEach
  void leave() throws IOException {
    port.close();
  }

  private void answerAll() {
    while (!port.isClosed()) {
      try (Socket client = port.accept()) {
        client.setSoTimeout(20_000);
        InputStream in = client.getInputStream();
        assertThat(in.read()).isNotNegative();
        assertThat(bounded.await(30, TimeUnit.SECONDS)).isTrue();
        client.getOutputStream().write(answer);
        client.getOutputStream().flush();
        givenUp.add(isClosedByClient(in));
      } catch (IOException e) {
        givenUp.add(true);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static boolean isClosedByClient(InputStream in) throws IOException {
    try {
      while (in.read() >= 0) {
        // the rest of its request
      }
      return true;
    } catch (SocketTimeoutException stillWaiting) {
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1 400 Bad Request,HTTP",
    "SSH-2.0-OpenSSH_9.2,SSH",
    "220 mail.example.org ESMTP,an unknown protocol"
  })
  void theSenderSaysWhatAnsweredAndMakesNoClient(String said, String language) {
    answer = (said + "\r\n").getBytes(StandardCharsets.US_ASCII);

    assertRefused(language);
  }

  @Test
  void theSenderSaysThatTlsAnswered() {
    assertRefused("TLS");
  }

  private void assertRefused(String language) {
    bounded.countDown();
    try (EventProducer producer = new EventProducer(TopicNames.DEFAULT, kafka(), 1 << 20)) {
      assertThatThrownBy(() -> producer.sendBadLine(Optional.empty(), new byte[3], "x"))
          .isInstanceOf(EventProducer.NoBrokerException.class)
          .hasMessageContaining(address() + " does not speak Kafka (it answered like " + language);
    }
  }

  @Test
  void noAnswerOfAStrangerIsWaitedForByAProducer() throws InterruptedException {
    try (KafkaProducer<byte[], byte[]> producer =
        KafkaClientGuard.limited(
            new KafkaProducer<>(kafka(), new ByteArraySerializer(), new ByteArraySerializer()),
            KafkaClientGuard.PRODUCER_BYTES)) {
      bounded.countDown();
      assertThat(givenUp.poll(30, TimeUnit.SECONDS)).isTrue();
      assertThat(KafkaClientGuard.isDead(producer)).isFalse();
    }
  }

  @Test
  void noAnswerOfAStrangerIsWaitedForByAnAdminClient() throws InterruptedException {
    Admin admin = KafkaClientGuard.limited(Admin.create(kafka()), KafkaClientGuard.READER_BYTES);
    bounded.countDown();
    try {
      admin.listTopics();
      assertThat(givenUp.poll(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      admin.close(Duration.ZERO);
    }
  }

  @Test
  void noAnswerOfAStrangerIsWaitedForByAConsumer() throws InterruptedException {
    try (KafkaConsumer<byte[], byte[]> consumer =
        KafkaClientGuard.limited(
            new KafkaConsumer<>(kafka(), new ByteArrayDeserializer(), new ByteArrayDeserializer()),
            KafkaClientGuard.READER_BYTES)) {
      bounded.countDown();
      consumer.assign(List.of(new TopicPartition(TopicNames.DEFAULT.name(Topics.RUNS), 0)));
      for (int i = 0; i < 20 && givenUp.isEmpty(); i++) {
        consumer.poll(Duration.ofSeconds(1));
      }
      assertThat(givenUp.poll(1, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aDeadThreadOfTheClientIsNoticedAndItsRecordsAreSentAgain() throws Exception {
    answer = new byte[0];
    Dying dying = new Dying();
    EventProducer producer =
        new EventProducer(
            TopicNames.DEFAULT,
            EventProducer.producerProperties(kafka()),
            1 << 20,
            (topic, event) -> new byte[16],
            properties -> dying);
    List<EventProducer.Sent> sent =
        producer.sendEach(
            Topics.RUNS, List.of(new RunEvent(1L, 2L, 3L, 0L, Instant.EPOCH, new Heartbeat(30))));
    producer.replaceDeadClient();
    assertThat(sent.get(0).future().isDone()).as("it lives").isFalse();

    dying.die();
    producer.replaceDeadClient();

    assertThat(sent.get(0).future().isDone()).isTrue();
    assertThatThrownBy(() -> sent.get(0).future().get()).hasMessageContaining("closed");
  }

  /** A producer whose thread can die, as Kafka's does of an OutOfMemoryError. */
  private static final class Dying extends MockProducer<byte[], byte[]> {
    private final CountDownLatch end = new CountDownLatch(1);
    private final Thread ioThread = new Thread(this::live);

    Dying() {
      super(false, null, new ByteArraySerializer(), new ByteArraySerializer());
      ioThread.start();
    }

    private void live() {
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void die() throws InterruptedException {
      end.countDown();
      ioThread.join();
    }
  }

  @Test
  void aPortWhereNobodyAnswersIsNotCalledAStranger() throws IOException {
    try (Socket reserved = new Socket()) {
      // Bound, so that nobody else gets the port, and not listening.
      reserved.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

      assertThat(
              BrokerProbe.stranger(
                  Map.of("bootstrap.servers", "127.0.0.1:" + reserved.getLocalPort())))
          .isEmpty();
    }
  }

  private Map<String, Object> kafka() {
    return Map.of(
        "bootstrap.servers",
        address(),
        "schema.registry.url",
        "http://127.0.0.1:1",
        "max.block.ms",
        "3000");
  }

  private String address() {
    return "127.0.0.1:" + port.getLocalPort();
  }
}
