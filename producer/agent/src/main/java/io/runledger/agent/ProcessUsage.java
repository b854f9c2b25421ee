package io.runledger.agent;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a process and its descendants use: {@code system/cpu_percent} (100 is one core, since the
 * last look), {@code system/memory_mb} (resident, 10^6 bytes; shared pages count for each process),
 * and, where {@code nvidia-smi} answers, {@code system/gpu_percent} and {@code gpu_memory_mb} over
 * the visible GPUs. Not thread-safe.
 */
final class ProcessUsage {

  private static final long SMI_SECONDS = 5;

  private final ProcessHandle process;
  private final String gpus;
  private boolean gpusThere = true;
  private double lastCpuSeconds;
  private long lastNanos = System.nanoTime();

  ProcessUsage(ProcessHandle process, Map<String, String> environment) {
    this.process = process;
    this.gpus = environment.getOrDefault("CUDA_VISIBLE_DEVICES", "");
  }

  Map<String, Double> now() {
    Map<String, Double> values = new LinkedHashMap<>();
    double cpuSeconds = 0;
    long bytes = 0;
    for (ProcessHandle each : Stream.concat(Stream.of(process), process.descendants()).toList()) {
      cpuSeconds += each.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
      bytes += residentBytes(each.pid());
    }
    long nanos = System.nanoTime();
    // The CPU seconds of a descendant that ended are lost.
    double used = Math.max(0, cpuSeconds - lastCpuSeconds);
    values.put("system/cpu_percent", 100 * used / Math.max(1e-3, (nanos - lastNanos) / 1e9));
    values.put("system/memory_mb", bytes / 1e6);
    lastCpuSeconds = cpuSeconds;
    lastNanos = nanos;
    if (gpusThere) {
      gpusThere = addGpus(values);
    }
    return values;
  }

  private static long residentBytes(long pid) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
          .sum();
    } catch (IOException | RuntimeException gone) {
      return 0;
    }
  }

  /** Whether it makes sense to ask again. */
  private boolean addGpus(Map<String, Double> values) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "nvidia-smi",
                "--query-gpu=utilization.gpu,memory.used",
                "--format=csv,noheader,nounits"));
    if (gpus.matches("[0-9,]+")) {
      command.add("--id=" + gpus);
    }
    try {
      Process smi =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      double percent = 0;
      double megabytes = 0;
      int count = 0;
      if (!smi.waitFor(SMI_SECONDS, TimeUnit.SECONDS)) {
        smi.destroyForcibly();
        return false;
      }
      try (BufferedReader lines = smi.inputReader(StandardCharsets.UTF_8)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          String[] fields = line.split(",", -1);
          percent += Double.parseDouble(fields[0].strip());
          megabytes += Double.parseDouble(fields[1].strip()) * 1.048576;
          count++;
        }
      }
      if (smi.exitValue() != 0 || count == 0) {
        return false;
      }
      values.put("system/gpu_percent", percent / count);
      values.put("gpu_memory_mb", megabytes);
      return true;
    } catch (IOException | RuntimeException noGpu) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
