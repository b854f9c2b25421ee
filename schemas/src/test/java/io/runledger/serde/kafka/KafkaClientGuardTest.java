package io.runledger.serde.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SelectionKey;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.memory.MemoryPool;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ChannelBuilder;
import org.apache.kafka.common.network.ChannelMetadataRegistry;
import org.apache.kafka.common.network.KafkaChannel;
import org.apache.kafka.common.network.PlaintextChannelBuilder;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.LogContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bound of what a Kafka client receives, set while the client's own thread connects. */
@Timeout(60)
class KafkaClientGuardTest {

  private static final int BOUND = 1000;

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CompletableFuture<Object> limited = new CompletableFuture<>();

  @Test
  void aConnectionInTheMakingIsBounded() throws Exception {
    try (Selector selector =
            new Selector(1000, new Metrics(), Time.SYSTEM, "test", new Slow(), new LogContext());
        ServerSocket broker = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> connecting =
          CompletableFuture.runAsync(() -> connect(selector, broker));
      begun.await();

      limited.complete(KafkaClientGuard.limited(new Client(new Network(selector)), BOUND));

      connecting.get(20, TimeUnit.SECONDS);
      KafkaChannel channel = selector.channel("broker");
      assertThat(KafkaClientGuard.field(channel, "maxReceiveSize").getInt(channel))
          .isEqualTo(BOUND);
    }
  }

  private static void connect(Selector selector, ServerSocket broker) {
    try {
      selector.connect(
          "broker",
          new InetSocketAddress(broker.getInetAddress(), broker.getLocalPort()),
          Selector.USE_DEFAULT_BUFFER_SIZE,
          Selector.USE_DEFAULT_BUFFER_SIZE);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Has its connections where Kafka's admin client has them. */
  private record Client(Network client) {}

  private record Network(Selector selector) {}

  /** Has asked for the bound, and makes the connection when whoever sets it had time to miss it. */
  private final class Slow implements ChannelBuilder {
    private final ChannelBuilder plaintext = new PlaintextChannelBuilder(null);

    Slow() {
      configure(Map.of());
    }

    @Override
    public void configure(Map<String, ?> settings) {
      plaintext.configure(settings);
    }

    @Override
    public KafkaChannel buildChannel(
        String id,
        SelectionKey key,
        int maxReceiveSize,
        MemoryPool memory,
        ChannelMetadataRegistry metadata) {
      begun.countDown();
      try {
        limited.get(300, TimeUnit.MILLISECONDS);
      } catch (TimeoutException itWaitsForUs) {
        assertThat(limited).isNotDone();
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException(e);
      }
      return plaintext.buildChannel(id, key, maxReceiveSize, memory, metadata);
    }

    @Override
    public void close() {
      plaintext.close();
    }
  }
}
