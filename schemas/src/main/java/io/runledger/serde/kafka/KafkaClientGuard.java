package io.runledger.serde.kafka;

import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps whoever answers on a broker's port from choosing how much memory this process reserves.
 * Kafka's clients reserve what the first four bytes of an answer say, up to 2 GiB, and have no
 * setting for it; their network layer has a bound, which is set here, in a field of theirs. Where a
 * field is not found, which a test would show with the version that is built with, the client works
 * as it is.
 */
public final class KafkaClientGuard {

  /**
   * Larger than what any client here asks for, a fetch of 50 MiB, and smaller than what the first
   * bytes of TLS (336 MiB) or of any readable text (512 MiB and more) say.
   */
  public static final int READER_BYTES = 128 << 20;

  /** Answers to a producer are acknowledgements and the list of brokers and partitions. */
  public static final int PRODUCER_BYTES = 16 << 20;

  private static final Duration BEGINNING = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(KafkaClientGuard.class);

  /** Ways from a producer, an admin client, or a consumer of either kind to their connections. */
  private static final List<List<String>> WAYS =
      List.of(
          List.of("sender", "client", "selector"),
          List.of("client", "selector"),
          List.of("delegate", "client", "client", "selector"));

  private KafkaClientGuard() {}

  /**
   * The client, which receives no answer of more bytes than this. Kafka's clients connect as soon
   * as they are made: what a stranger has answered before this call is not bounded, which is why
   * {@link BrokerProbe} asks first.
   */
  public static <T> T limited(T client, int mostBytes) {
    for (List<String> way : WAYS) {
      Optional<Object> selector = follow(client, way);
      if (selector.isPresent()) {
        limit(selector.get(), mostBytes);
        return client;
      }
    }
    LOG.debug("{} has no connections whose responses could be limited.", client.getClass());
    return client;
  }

  /** Whether the thread that a producer or an admin client works with has died. */
  public static boolean isDead(Object client) {
    return List.of("ioThread", "thread").stream()
        .map(name -> follow(client, List.of(name)))
        .flatMap(Optional::stream)
        .anyMatch(thread -> thread instanceof Thread worker && !worker.isAlive());
  }

  private static void limit(Object connections, int mostBytes) {
    try {
      set(connections, mostBytes);
      // Kafka registers a connection first and asks for the bound then, so that each one either is
      // found here or has asked after the line above.
      VarHandle.fullFence();
      if (field(connections, "nioSelector").get(connections) instanceof Selector selector) {
        for (SelectionKey begun : selector.keys()) {
          Object channel = channel(begun);
          if (channel != null) {
            set(channel, mostBytes);
          }
        }
      }
    } catch (ReflectiveOperationException | ClosedSelectorException e) {
      LOG.debug("The size of the responses that a Kafka client accepts is not limited.", e);
    }
  }

  /** What Kafka attaches to a connection an instant after it was registered; null if it fails. */
  private static Object channel(SelectionKey begun) {
    long until = System.nanoTime() + BEGINNING.toNanos();
    while (begun.attachment() == null && begun.isValid() && System.nanoTime() < until) {
      Thread.onSpinWait();
    }
    return begun.attachment();
  }

  private static void set(Object of, int mostBytes) throws ReflectiveOperationException {
    field(of, "maxReceiveSize").setInt(of, mostBytes);
  }

  /** What is found by going from one object to the next; empty when a field is not there. */
  static Optional<Object> follow(Object from, String... way) {
    return follow(from, List.of(way));
  }

  private static Optional<Object> follow(Object from, List<String> way) {
    Object at = from;
    for (String name : way) {
      try {
        at = field(at, name).get(at);
      } catch (ReflectiveOperationException | RuntimeException notThere) {
        return Optional.empty();
      }
      if (at == null) {
        return Optional.empty();
      }
    }
    return Optional.of(at);
  }

  /** A field of Kafka's, in the object's class or one that it extends. */
  static Field field(Object of, String name) throws NoSuchFieldException {
    for (Class<?> in = of.getClass(); in != null; in = in.getSuperclass()) {
      for (Field field : in.getDeclaredFields()) {
        if (field.getName().equals(name)) {
          field.setAccessible(true);
          return field;
        }
      }
    }
    throw new NoSuchFieldException(of.getClass() + " has no field " + name);
  }
}
