package io.runledger.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is read of a process tree and its machine: by vectors that all languages have, and here. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class UsageTest {

  @TempDir private Path directory;

  private static Stream<JsonNode> vectors(String kind) throws IOException {
    try (InputStream file =
        UsageTest.class.getResourceAsStream("/io/runledger/schemas/system-vectors.json")) {
      JsonNode vectors = new ObjectMapper().readTree(file).get(kind);
      assertThat(vectors).isNotEmpty();
      return StreamSupport.stream(vectors.spliterator(), false);
    }
  }

  static Stream<JsonNode> samples() throws IOException {
    return vectors("samples");
  }

  static Stream<JsonNode> gpus() throws IOException {
    return vectors("gpus");
  }

  @ParameterizedTest
  @MethodSource("samples")
  void filesOfProcAreReadAsInAllLanguages(JsonNode vector) throws Exception {
    AtomicLong nanos = new AtomicLong();
    Path proc = directory.resolve("proc");
    Usage usage =
        new Usage(
            vector.get("process").longValue(), Optional.empty(), new ProcFiles(proc), nanos::get);

    for (JsonNode moment : vector.get("moments")) {
      nanos.set((long) (moment.get("seconds").doubleValue() * 1e9));
      replace(proc, moment.get("files"));

      assertSame(usage.now(), moment.get("values"));
    }
  }

  @ParameterizedTest
  @MethodSource("gpus")
  void gpusAreReadAndChosenAsInAllLanguages(JsonNode vector) throws Exception {
    Optional<String> visible = Optional.ofNullable(vector.get("visible").textValue());

    assertSame(
        Gpus.values(Gpus.visible(Gpus.read(vector.get("printed").textValue()), visible)),
        vector.get("values"));
  }

  @Test
  void aChildThatHasEndedCountsWithWhatItUsed() throws Exception {
    long start = System.nanoTime();
    Usage usage =
        new Usage(
            ProcessHandle.current().pid(),
            Optional.of(directory),
            ProcFiles.OF_THIS_MACHINE,
            System::nanoTime);
    usage.now();
    String burn =
        "import time\nwhile time.process_time() < 0.5: pass"; // of processor time, however long
    Process child = new ProcessBuilder("python3", "-c", burn).inheritIO().start();
    assertThat(child.waitFor()).isZero();

    Map<String, Double> values = usage.now();

    double most = (System.nanoTime() - start) / 1e9;
    assertThat(values.get("cpu_percent") / 100 * most).isGreaterThan(0.45);
    assertThat(values).containsKeys("machine.disk_used_percent", "machine.cpu_percent");
  }

  @Test
  void aHungNvidiaSmiCostsItsTimeLimitAndIsLeftAloneThen() throws Exception {
    AtomicLong nanos = new AtomicLong();
    String smi = script("echo x >> $0.asked; exec sleep 600");
    Gpus gpus = new Gpus(smi, Duration.ofMillis(500), Map.of(), nanos::get);

    assertThat(gpus.now()).isEmpty();
    assertThat(gpus.now()).isEmpty();

    Path asked = Path.of(smi + ".asked");
    assertThat(Files.exists(asked) ? Files.readAllLines(asked) : List.of()).hasSizeLessThan(2);
  }

  @Test
  void eachVisibleGpuHasItsValues() throws Exception {
    String smi =
        script("echo '0, GPU-a, A100, 35, 1000, 41, 98.50'; echo '1, GPU-b, A100, 7, 0, 41, 98'");

    Map<String, Double> values =
        new Gpus(smi, Gpus.LIMIT, Map.of("CUDA_VISIBLE_DEVICES", "1"), System::nanoTime).now();

    assertThat(values).containsEntry("gpu.1.utilization_percent", 7.0);
    assertThat(values.keySet()).allMatch(name -> name.startsWith("gpu.1."));
  }

  @Test
  void withoutNvidiaSmiThereAreNoGpus() {
    Gpus gpus = new Gpus("/no/such/program", Gpus.LIMIT, Map.of(), System::nanoTime);

    assertThat(gpus.now()).isEmpty();
    assertThat(gpus.now()).isEmpty();
  }

  private String script(String text) throws IOException {
    Path script = directory.resolve("nvidia-smi");
    Files.writeString(script, "#!/bin/sh\n" + text + "\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return script.toString();
  }

  private static void replace(Path proc, JsonNode files) throws IOException {
    if (Files.exists(proc)) {
      try (Stream<Path> all = Files.walk(proc)) {
        for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(one);
        }
      }
    }
    for (Map.Entry<String, JsonNode> file : files.properties()) {
      Path path = proc.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue().textValue());
    }
  }

  private static void assertSame(Map<String, Double> values, JsonNode expected) throws IOException {
    Map<String, Double> wanted = new HashMap<>();
    expected.properties().forEach(one -> wanted.put(one.getKey(), one.getValue().doubleValue()));
    Set<String> names = new TreeSet<>();
    vectors("metrics").forEach(metric -> names.add(metric.get("name").textValue()));

    assertThat(values.keySet()).isEqualTo(wanted.keySet());
    wanted.forEach((name, value) -> assertThat(values.get(name)).isCloseTo(value, within(1e-5)));
    assertThat(names).containsAll(values.keySet().stream().map(UsageTest::pattern).toList());
  }

  private static String pattern(String name) {
    return name.replaceAll("\\.[0-9]+\\.", ".N.");
  }
}
