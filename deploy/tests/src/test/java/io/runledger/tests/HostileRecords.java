package io.runledger.tests;

import io.runledger.contract.Events;
import io.runledger.contract.Extremes;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.RunEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;

/**
 * Hostile records: events with values at their limits, bytes that are not events, keys of others,
 * all of them shuffled and some repeated. The same ones for the same random numbers.
 */
final class HostileRecords {

  private static final int RUNS = 12;

  /** Magic byte and schema id. */
  private static final int ENVELOPE = 5;

  /**
   * One record for Kafka.
   *
   * @param what it is, in words for whoever looks for the culprit
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Hostile(Topics topic, byte[] key, byte[] value, String what) {}

  private final Random random;
  private final Extremes extremes;
  private final RawProducer producer;
  private final List<Events> writers = new ArrayList<>();
  private long nextWriter = 1_000_000;

  HostileRecords(Random random, RawProducer producer) {
    this.random = random;
    this.extremes = new Extremes(random);
    this.producer = producer;
    for (int run = 0; run < RUNS; run++) {
      Events named = named(run);
      for (long attempt : List.of(1L, 5_000L, 2_000_000L)) {
        writers.add(named.attempt(attempt).writer(attempt));
        writers.add(named.attempt(attempt).writer(attempt - attempt / 3));
      }
    }
  }

  private Events named(int run) {
    return run % 3 == 0
        ? Events.ofName(text(), text(), new UUID(random.nextLong(), random.nextLong()))
        : Events.of(
            RunKey.of(
                "hostile",
                text(),
                text(),
                run % 2 == 0 ? null : text(),
                text(),
                random.nextBoolean() ? Long.valueOf(Long.MIN_VALUE + run) : null));
  }

  /** Combines both; one in eight is sent twice, and the order is arbitrary. */
  List<Hostile> next(int count) {
    List<Hostile> all = new ArrayList<>();
    while (all.size() < count) {
      Hostile one = one();
      all.add(one);
      if (random.nextInt(8) == 0) {
        all.add(one);
      }
    }
    Collections.shuffle(all, random);
    return all;
  }

  private Hostile one() {
    int turn = random.nextInt(100);
    if (turn < 75) {
      return changed(any(writers));
    }
    // One writer in two partitions is read in any order, so these have their own names.
    Events writer = any(writers).writer(nextWriter++);
    return turn < 90 ? broken(changed(writer)) : misrouted(changed(writer));
  }

  private Hostile changed(Events writer) {
    SpecificRecord event = extremes.event(writer);
    String kind =
        event instanceof RunEvent run
            ? run.getEvent().getClass().getSimpleName()
            : event.getClass().getSimpleName();
    String changes = extremes.changeAll(event, random.nextInt(4));
    Topics topic = Topics.of(event);
    RunId run = writer.run();
    return new Hostile(
        topic,
        run.toString().getBytes(StandardCharsets.UTF_8),
        producer.serialized(new TrainingHistory.Message(topic, run, event)),
        "%s of run %s attempt %d writer %d: %s"
            .formatted(kind, run, writer.attemptId(), writer.writerId(), changes));
  }

  /** The same record with other bytes. */
  private Hostile broken(Hostile whole) {
    byte[] value = whole.value().clone();
    return switch (random.nextInt(10)) {
      case 0 -> with(whole, Arrays.copyOf(value, random.nextInt(value.length)), "truncated");
      case 1 -> with(whole, Arrays.copyOf(value, value.length + 1 + random.nextInt(9)), "trailing");
      case 2 -> {
        for (int i = random.nextInt(4); i >= 0; i--) {
          value[ENVELOPE + random.nextInt(value.length - ENVELOPE)] ^=
              (byte) (1 << random.nextInt(8));
        }
        yield with(whole, value, "flipped bits");
      }
      case 3 -> {
        byte[] garbage = new byte[ENVELOPE + random.nextInt(300)];
        random.nextBytes(garbage);
        System.arraycopy(value, 0, garbage, 0, ENVELOPE);
        yield with(whole, garbage, "garbage behind a valid envelope");
      }
      case 4 -> with(whole, withSchema(value, 424_242 + random.nextInt(5)), "unknown schema id");
      case 5 -> with(whole, withSchema(value, -1 - random.nextInt(3)), "negative schema id");
      case 6 -> {
        value[0] = (byte) (1 + random.nextInt(255));
        yield with(whole, value, "magic byte " + value[0]);
      }
      case 7 -> with(whole, lengths(value), "endless varints");
      case 8 -> with(whole, any(Extremes.DOCUMENTS).getBytes(StandardCharsets.UTF_8), "JSON");
      default -> with(whole, random.nextBoolean() ? null : new byte[0], "nothing");
    };
  }

  private static Hostile with(Hostile whole, byte[] value, String how) {
    return new Hostile(whole.topic(), whole.key(), value, how + ", " + whole.what());
  }

  private static byte[] withSchema(byte[] value, int id) {
    return ByteBuffer.wrap(value.clone()).put(0, (byte) 0).putInt(1, id).array();
  }

  /** From somewhere on, a length or count that is as large as a number can be. */
  private byte[] lengths(byte[] value) {
    int from = ENVELOPE + random.nextInt(value.length - ENVELOPE);
    byte[] longer = Arrays.copyOf(value, from + 12);
    Arrays.fill(longer, from, from + 9, (byte) 0xff);
    longer[from + 9] = random.nextBoolean() ? (byte) 1 : 0x7f;
    return longer;
  }

  /** The same record where it does not belong. */
  private Hostile misrouted(Hostile whole) {
    return switch (random.nextInt(4)) {
      case 0 -> new Hostile(whole.topic(), null, whole.value(), "no key, " + whole.what());
      case 1 ->
          new Hostile(
              whole.topic(),
              any(writers).run().toString().getBytes(StandardCharsets.UTF_8),
              whole.value(),
              "another run's key, " + whole.what());
      case 2 ->
          new Hostile(
              whole.topic(),
              text().getBytes(StandardCharsets.UTF_8),
              whole.value(),
              "no run's key, " + whole.what());
      default -> {
        Topics other = any(List.of(Topics.values()));
        yield new Hostile(other, whole.key(), whole.value(), "on " + other + ", " + whole.what());
      }
    };
  }

  private String text() {
    return any(Extremes.TEXTS);
  }

  private <T> T any(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
