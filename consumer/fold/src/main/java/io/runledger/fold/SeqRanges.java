package io.runledger.fold;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The seq numbers of a stream that are in the database, as closed ranges. A stream that came whole
 * is one range, however long. Not thread-safe.
 */
public final class SeqRanges {

  private final NavigableMap<Long, Long> lastByFirst = new TreeMap<>();
  private long size;

  /** Reads what {@link #toString()} writes: {@code 0-99,120-140}. */
  public static SeqRanges parse(String text) {
    SeqRanges ranges = new SeqRanges();
    if (!text.isEmpty()) {
      for (String range : text.split(",", -1)) {
        int dash = range.indexOf('-');
        ranges.add(
            Long.parseLong(range.substring(0, dash)), Long.parseLong(range.substring(dash + 1)));
      }
    }
    return ranges;
  }

  public boolean contains(long seq) {
    Map.Entry<Long, Long> range = lastByFirst.floorEntry(seq);
    return range != null && range.getValue() >= seq;
  }

  /** Whether none of the numbers from {@code first} to {@code last} is there. */
  public boolean isDisjoint(long first, long last) {
    Map.Entry<Long, Long> range = lastByFirst.floorEntry(last);
    return range == null || range.getValue() < first;
  }

  /** Adds the numbers from {@code first} to {@code last}, both included. */
  public void add(long first, long last) {
    long from = first;
    long to = last;
    Map.Entry<Long, Long> touching =
        lastByFirst.floorEntry(last == Long.MAX_VALUE ? last : last + 1);
    while (touching != null && touching.getValue() >= first - 1) {
      from = Math.min(from, touching.getKey());
      to = Math.max(to, touching.getValue());
      size -= touching.getValue() - touching.getKey() + 1;
      lastByFirst.remove(touching.getKey());
      touching = lastByFirst.floorEntry(last == Long.MAX_VALUE ? last : last + 1);
    }
    lastByFirst.put(from, to);
    size += to - from + 1;
  }

  /** How many numbers are there. */
  public long size() {
    return size;
  }

  /** The highest number, -1 when there is none. */
  public long last() {
    return lastByFirst.isEmpty() ? -1 : lastByFirst.lastEntry().getValue();
  }

  @Override
  public String toString() {
    return lastByFirst.entrySet().stream()
        .map(range -> range.getKey() + "-" + range.getValue())
        .collect(Collectors.joining(","));
  }
}
