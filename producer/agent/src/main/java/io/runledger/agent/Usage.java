package io.runledger.agent;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * What a process with its descendants and its machine use: levels now, and rates since the last
 * sample. The names, and figures worked out from files of {@code /proc}, are in {@code
 * system-vectors.json}, which the Python package is tested with, too.
 *
 * <p>What cannot be read is left out of a sample, as is each rate in the first one and after a
 * counter got smaller. Not thread-safe.
 */
final class Usage {

  /** What the kernel counts processor time in towards programs, whatever it uses inside. */
  private static final double TICKS_PER_SECOND = 100;

  private static final double MEGABYTE = 1e6;

  /** Interfaces whose traffic is that of others as well, or never leaves the machine. */
  private static final List<String> NOT_COUNTED =
      List.of("lo", "docker", "br-", "veth", "virbr", "cni", "ifb", "dummy");

  private record Facts(long parent, long ticks, long threads) {}

  private record Processors(long total, long idle) {}

  private final long process;
  private final Optional<Path> directory;
  private final ProcFiles proc;
  private final LongSupplier nanos;

  /**
   * Processes that are not in the tree, so that they are not read at each sample. One that ended,
   * and whose number a process of the tree got before the next sample, is overlooked.
   */
  private final Set<Long> others = new HashSet<>();

  private long lastNanos;
  private Map<String, Double> lastCounters = Map.of();
  private Optional<Processors> lastProcessors = Optional.empty();

  /**
   * @param directory the one whose disk is measured
   * @param nanos a clock that never goes back
   */
  Usage(long process, Optional<Path> directory, ProcFiles proc, LongSupplier nanos) {
    this.process = process;
    this.directory = directory;
    this.proc = proc;
    this.nanos = nanos;
  }

  /** A sample, by names without their prefix. */
  Map<String, Double> now() {
    Map<String, Double> levels = new LinkedHashMap<>();
    Map<String, Double> counters = new LinkedHashMap<>();
    long now = nanos.getAsLong();
    addTree(levels, counters);
    addProcessors(levels);
    addMemory(levels);
    addNetwork(counters);
    addDisk(levels);
    double seconds = (now - lastNanos) / 1e9;
    counters.forEach(
        (name, counter) -> {
          Double before = lastCounters.get(name);
          if (before != null && counter >= before && seconds > 0) {
            levels.put(name, (counter - before) / seconds);
          }
        });
    lastNanos = now;
    lastCounters = counters;
    return levels;
  }

  private void addTree(Map<String, Double> levels, Map<String, Double> counters) {
    Map<Long, Facts> tree = tree();
    if (tree.isEmpty()) {
      return;
    }
    // With what its ended children used: it is added to their parent's, and the sum never gets
    // smaller unless a process leaves the tree.
    counters.put("cpu_percent", 100 * sum(tree.values(), Facts::ticks) / TICKS_PER_SECOND);
    levels.put("threads", (double) sum(tree.values(), Facts::threads));
    long kibibytes = sum(tree.keySet(), one -> number(one + "/status", "VmRSS"));
    levels.put("memory_rss_mb", kibibytes * 1024 / MEGABYTE);
    List<Map<String, Long>> disk =
        tree.keySet().stream()
            .map(one -> proc.numbers(one + "/io", "read_bytes", "write_bytes"))
            .filter(found -> found.size() == 2)
            .toList();
    if (!disk.isEmpty()) {
      counters.put("disk_read_mb_per_s", sum(disk, one -> one.get("read_bytes")) / MEGABYTE);
      counters.put("disk_write_mb_per_s", sum(disk, one -> one.get("write_bytes")) / MEGABYTE);
    }
  }

  private interface Count<T> {
    long of(T one);
  }

  private static <T> long sum(Collection<T> all, Count<T> count) {
    return all.stream().mapToLong(count::of).sum();
  }

  private long number(String file, String name) {
    return proc.numbers(file, name).getOrDefault(name, 0L);
  }

  private Map<Long, Facts> tree() {
    Set<Long> all = proc.processes();
    others.retainAll(all);
    all.removeAll(others);
    Map<Long, Facts> known = new HashMap<>();
    Map<Long, List<Long>> children = new HashMap<>();
    for (long one : all) {
      facts(one)
          .ifPresent(
              facts -> {
                known.put(one, facts);
                children.computeIfAbsent(facts.parent(), parent -> new ArrayList<>()).add(one);
              });
    }
    Map<Long, Facts> tree = new TreeMap<>();
    ArrayDeque<Long> waiting = new ArrayDeque<>(List.of(process));
    while (!waiting.isEmpty()) {
      long one = waiting.pop();
      if (known.containsKey(one) && tree.put(one, known.get(one)) == null) {
        waiting.addAll(children.getOrDefault(one, List.of()));
      }
    }
    known.keySet().stream().filter(one -> !tree.containsKey(one)).forEach(others::add);
    return tree;
  }

  private Optional<Facts> facts(long one) {
    String stat = proc.text(one + "/stat");
    // The name before it is in parentheses and may hold anything.
    String[] words = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" +", -1);
    if (words.length < 18) {
      return Optional.empty();
    }
    long ticks = Stream.of(words).skip(11).limit(4).mapToLong(Long::parseLong).sum();
    return Optional.of(new Facts(Long.parseLong(words[1]), ticks, Long.parseLong(words[17])));
  }

  private void addProcessors(Map<String, Double> levels) {
    List<String> words = proc.firstWords("stat");
    if (words.size() < 9 || !words.get(0).equals("cpu")) {
      return;
    }
    // user, nice, system, idle, iowait, irq, softirq, steal; guests are in user already
    List<Long> ticks = words.stream().skip(1).limit(8).map(Long::parseLong).toList();
    Processors now = new Processors(sum(ticks, tick -> tick), ticks.get(3) + ticks.get(4));
    lastProcessors.ifPresent(
        before -> {
          long total = now.total() - before.total();
          long idle = now.idle() - before.idle();
          if (total > 0 && idle >= 0 && idle <= total) {
            levels.put("machine.cpu_percent", 100.0 * (total - idle) / total);
          }
        });
    lastProcessors = Optional.of(now);
  }

  private void addMemory(Map<String, Double> levels) {
    Map<String, Long> found = proc.numbers("meminfo", "MemTotal", "MemAvailable");
    if (found.size() == 2 && found.get("MemTotal") > 0) {
      long total = found.get("MemTotal");
      levels.put(
          "machine.memory_used_percent", 100.0 * (total - found.get("MemAvailable")) / total);
    }
  }

  private void addNetwork(Map<String, Double> counters) {
    long received = 0;
    long sent = 0;
    boolean isAny = false;
    for (String line : proc.text("net/dev").split("\n", -1)) {
      int colon = line.indexOf(':');
      String[] words = line.substring(colon + 1).strip().split(" +", -1);
      if (colon > 0 && words.length >= 9 && isCounted(line.substring(0, colon).strip())) {
        received += Long.parseLong(words[0]);
        sent += Long.parseLong(words[8]);
        isAny = true;
      }
    }
    if (isAny) {
      counters.put("machine.net_received_mb_per_s", received / MEGABYTE);
      counters.put("machine.net_sent_mb_per_s", sent / MEGABYTE);
    }
  }

  private static boolean isCounted(String name) {
    return NOT_COUNTED.stream().noneMatch(name::startsWith);
  }

  private void addDisk(Map<String, Double> levels) {
    if (directory.isEmpty()) {
      return;
    }
    try {
      FileStore disk = Files.getFileStore(directory.get());
      double used = disk.getTotalSpace() - disk.getUnallocatedSpace();
      // As df says: of what is not kept for root.
      double all = used + disk.getUsableSpace();
      if (all > 0) {
        levels.put("machine.disk_used_percent", 100 * used / all);
      }
    } catch (IOException gone) {
      // left out
    }
  }
}
