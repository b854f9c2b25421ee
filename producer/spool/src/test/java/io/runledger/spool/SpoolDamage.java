package io.runledger.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;

/**
 * Damages a segment in every place, and reads it as a sender does: no event may be invented, and
 * none that is whole may be lost.
 */
public final class SpoolDamage {

  private static final long WRITER = 78;

  private final Path segment;
  private final byte[] whole;
  private final List<SpecificRecord> events = new ArrayList<>();

  /** For each event, the position behind its block. */
  private final List<Integer> ends = new ArrayList<>();

  private final int header;

  /** Writes a segment of about {@code bytes} bytes to damage. */
  public SpoolDamage(Path spool, int bytes) throws IOException {
    try (SpoolWriter writer = SpoolWriter.create(spool, WRITER, 1L << 30, 1L << 40, 1 << 20)) {
      segment = writer.directory().resolve(SpoolDirectory.segmentName(Topics.METRICS, 1));
      long seq = 0;
      do {
        SpecificRecord event = metric(seq++);
        writer.append(Topics.METRICS, any -> event);
        events.add(event);
        ends.add((int) Files.size(segment));
      } while (Files.size(segment) < bytes);
    }
    whole = Files.readAllBytes(segment);
    header = headerBytes(whole);
  }

  private static SpecificRecord metric(long seq) {
    Map<String, Double> values = Map.of("loss", 1.0 / (seq + 1), "seq", (double) seq);
    return new MetricsLogged(
        1L, 2L, WRITER, seq, List.of(new MetricRow(Instant.EPOCH, seq, null, null, values)));
  }

  private static int headerBytes(byte[] whole) {
    // The sync marker ends the header and the file alike.
    byte[] sync = Arrays.copyOfRange(whole, whole.length - 16, whole.length);
    int at = 0;
    while (!Arrays.equals(whole, at, at + 16, sync, 0, 16)) {
      at++;
    }
    return at + 16;
  }

  /**
   * Cuts it off at every {@code step}-th byte. What lies whole before the cut is read, and nothing
   * else; the bytes behind it are counted.
   *
   * @return how many cuts were made
   */
  public int cut(int step) throws IOException {
    int cuts = 0;
    for (int length = 0; length < whole.length; length += step) {
      Files.write(segment, Arrays.copyOf(whole, length));
      int intact = 0;
      while (intact < ends.size() && ends.get(intact) <= length) {
        intact++;
      }
      Read read = read();
      assertThat(read.events()).as("cut at %d", length).isEqualTo(events.subList(0, intact));
      if (length >= header) {
        int behind = intact == 0 ? header : ends.get(intact - 1);
        assertThat(read.damaged()).as("damaged, cut at %d", length).isEqualTo(length - behind);
      }
      cuts++;
    }
    return cuts;
  }

  /**
   * Flips a bit, again and again in the whole one. All events are read but that of the damaged
   * block and perhaps its neighbour, or the segment is called foreign.
   *
   * @return how many bits were flipped
   */
  public int flip(int count, Random random) throws IOException {
    for (int i = 0; i < count; i++) {
      int bit = random.nextInt(whole.length * 8);
      byte[] damaged = whole.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));
      Files.write(segment, damaged);
      Read read = read();
      Set<Long> seqs = new HashSet<>();
      for (SpecificRecord event : read.events()) {
        long seq = ((MetricsLogged) event).getFirstSeq();
        assertThat(seqs.add(seq)).as("bit %d: event %d once", bit, seq).isTrue();
        assertThat(event).as("bit %d invents nothing", bit).isEqualTo(events.get((int) seq));
      }
      if (bit / 8 >= header) {
        assertThat(read.events())
            .as("bit %d", bit)
            .hasSizeBetween(events.size() - 2, events.size());
      }
    }
    return count;
  }

  private record Read(List<SpecificRecord> events, long damaged) {}

  private Read read() throws IOException {
    List<SpecificRecord> found = new ArrayList<>();
    long damaged = 0;
    try (SegmentReader reader = SegmentReader.open(Topics.METRICS, segment)) {
      SegmentReader.Chunk chunk = reader.read(0, true);
      while (!chunk.isEmpty()) {
        found.addAll(chunk.events());
        damaged += chunk.damagedBytes();
        chunk = reader.read(chunk.end(), true);
      }
    } catch (SegmentReader.ForeignFileException | SegmentReader.NotYetReadableException e) {
      assertThat(found).as("read before the header was found bad").isEmpty();
    }
    return new Read(found, damaged);
  }
}
