package io.runledger.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What NVIDIA's GPUs do, from {@code nvidia-smi}. Not thread-safe. */
final class Gpus {

  private static final Logger LOG = LoggerFactory.getLogger(Gpus.class);

  /** Longer than a healthy driver needs with eight GPUs that have to wake up. */
  static final Duration LIMIT = Duration.ofSeconds(5);

  /** After trouble: a hung driver should not collect processes. */
  static final Duration PAUSE = Duration.ofMinutes(10);

  private static final double MEBIBYTE_IN_MEGABYTES = 1.048576;

  private static final List<String> NAMES =
      List.of("utilization_percent", "memory_used_mb", "temperature_c", "power_w");

  private static final String QUERY =
      "index,uuid,name,utilization.gpu,memory.used,temperature.gpu,power.draw";

  /**
   * One GPU.
   *
   * @param number as {@code nvidia-smi} numbers it
   * @param values by the last part of the metric's name
   */
  record Gpu(int number, String uuid, Map<String, Double> values) {}

  private final String program;
  private final Duration limit;
  private final Optional<String> cudaVisibleDevices;
  private final LongSupplier nanos;
  private boolean isThere = true;
  private long pausedUntil;
  private Optional<Process> running = Optional.empty();

  /**
   * @param limit how long an answer is waited for
   * @param nanos a clock that never goes back
   */
  Gpus(String program, Duration limit, Map<String, String> environment, LongSupplier nanos) {
    this.program = program;
    this.limit = limit;
    this.cudaVisibleDevices = Optional.ofNullable(environment.get("CUDA_VISIBLE_DEVICES"));
    this.nanos = nanos;
    this.pausedUntil = nanos.getAsLong();
  }

  /** What is known of the visible ones, by names without their prefix; may take some seconds. */
  Map<String, Double> now() {
    boolean isHung = running.map(Process::isAlive).orElse(false);
    if (!isThere || isHung || nanos.getAsLong() - pausedUntil < 0) {
      return Map.of();
    }
    try {
      Optional<Process> smi = start();
      return smi.isEmpty() ? Map.of() : values(visible(answer(smi.get()), cudaVisibleDevices));
    } catch (IOException noAnswer) {
      pausedUntil = nanos.getAsLong() + PAUSE.toNanos();
      LOG.debug(
          "Cannot query the GPUs ({}); trying again in {} minutes.",
          noAnswer.getMessage(),
          PAUSE.toMinutes());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Map.of();
  }

  private Optional<Process> start() {
    try {
      running =
          Optional.of(
              new ProcessBuilder(program, "--query-gpu=" + QUERY, "--format=csv,noheader,nounits")
                  .redirectError(ProcessBuilder.Redirect.DISCARD)
                  .start());
      return running;
    } catch (IOException notInstalled) {
      isThere = false;
      return Optional.empty();
    }
  }

  private List<Gpu> answer(Process smi) throws IOException, InterruptedException {
    try {
      if (!smi.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("nvidia-smi took longer than " + limit.toSeconds() + " s");
      }
      List<Gpu> gpus =
          read(new String(smi.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
      if (gpus.isEmpty()) {
        throw new IOException("nvidia-smi exited with code " + smi.exitValue());
      }
      return gpus;
    } finally {
      smi.destroyForcibly();
    }
  }

  /** What {@code nvidia-smi} printed; a value in brackets is not known. */
  static List<Gpu> read(String printed) {
    List<Gpu> gpus = new ArrayList<>();
    for (String line : printed.split("\n", -1)) {
      String[] words = line.strip().split(" *, *", -1);
      if (words.length != 7 || !words[0].matches("[0-9]{1,9}")) {
        continue;
      }
      Map<String, Double> values = new LinkedHashMap<>();
      for (int i = 0; i < NAMES.size(); i++) {
        String name = NAMES.get(i);
        double unit = name.equals("memory_used_mb") ? MEBIBYTE_IN_MEGABYTES : 1;
        number(words[3 + i]).ifPresent(number -> values.put(name, number * unit));
      }
      gpus.add(new Gpu(Integer.parseInt(words[0]), words[1], values));
    }
    return gpus;
  }

  private static Optional<Double> number(String word) {
    try {
      return Optional.of(Double.parseDouble(word)).filter(Double::isFinite);
    } catch (NumberFormatException notKnown) {
      return Optional.empty();
    }
  }

  /**
   * Those that CUDA shows to the command: as CUDA reads the variable, with GPUs in the order of
   * their PCI bus. What is behind an entry that names none of them is not seen either.
   */
  static List<Gpu> visible(List<Gpu> gpus, Optional<String> cudaVisibleDevices) {
    if (cudaVisibleDevices.isEmpty()) {
      return gpus;
    }
    List<Gpu> seen = new ArrayList<>();
    for (String word : cudaVisibleDevices.get().split(",", -1)) {
      List<Gpu> named = gpus.stream().filter(gpu -> isNamed(gpu, word.strip())).toList();
      if (named.size() != 1 || seen.contains(named.get(0))) {
        break;
      }
      seen.addAll(named);
    }
    return seen;
  }

  private static boolean isNamed(Gpu gpu, String word) {
    if (word.matches("[0-9]{1,9}")) {
      return Integer.parseInt(word) == gpu.number();
    }
    // The older names of the parts of a divided GPU begin with the whole one's.
    String name = word.startsWith("MIG-GPU-") ? word.substring(4).split("/", 2)[0] : word;
    return name.startsWith("GPU-") && gpu.uuid().startsWith(name);
  }

  static Map<String, Double> values(List<Gpu> gpus) {
    Map<String, Double> values = new TreeMap<>();
    for (Gpu gpu : gpus) {
      gpu.values().forEach((name, value) -> values.put("gpu." + gpu.number() + "." + name, value));
    }
    return values;
  }
}
