package io.runledger.tests;

import com.fasterxml.jackson.databind.node.TextNode;
import io.runledger.contract.Extremes;
import io.runledger.schemas.RunId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Spool files as other languages write them, with anything where a value should stand. The same
 * ones for the same random numbers.
 */
final class HostileLines {

  /** What may be given as a value, JSON or not. */
  private static final List<String> VALUES =
      List.of(
          "0",
          "1",
          "-1",
          "1.5",
          "-0.0",
          "1e400",
          "1e-400",
          "9007199254740993",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775808",
          "18446744073709551616",
          "7".repeat(1_200),
          "NaN",
          "nan",
          "-nan",
          "Infinity",
          "-inf",
          "null",
          "true",
          "\"0.5\"",
          "\"\"",
          "[]",
          "[1,[2],{\"a\":3}]",
          "{}",
          "{\"a\":1,\"a\":2}",
          "[".repeat(70) + "]".repeat(70),
          "\"\\ud800\"",
          "\"\\u0000\"",
          "\"7zzzzzzzzzzzz\"",
          "\"0000000000001\"",
          "\"2026-11-23T17:04:05.123Z\"",
          "\"+999999999-12-31T23:59:59Z\"",
          "01",
          "'x'",
          "");

  /** What was written for one reader: its name and its lines. */
  record SpoolFile(String name, List<byte[]> lines) {}

  private final Random random;
  private final List<RunId> runs = new ArrayList<>();

  /** Some lines refer to these runs, too. */
  HostileLines(Random random, List<RunId> runs) {
    this.random = random;
    this.runs.addAll(runs);
  }

  /** This many files with this many lines each. */
  List<SpoolFile> next(int files, int lines) {
    List<SpoolFile> spool = new ArrayList<>();
    for (int file = 0; file < files; file++) {
      List<byte[]> all = new ArrayList<>();
      all.add(bytes(object(start(file), random.nextInt(3) == 0 ? 1 : 0)));
      while (all.size() < lines) {
        byte[] line = bytes(object(event(), random.nextInt(3)));
        all.add(random.nextInt(6) == 0 ? broken(line, all) : line);
      }
      if (random.nextBoolean()) {
        all.add(bytes("{\"end\":true}"));
      }
      spool.add(new SpoolFile("hostile-%d.jsonl".formatted(file), all));
    }
    return spool;
  }

  /** Writes them to a directory, each line with its feed. */
  static void write(List<SpoolFile> files, Path directory) throws IOException {
    Files.createDirectories(directory);
    for (SpoolFile file : files) {
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      for (byte[] line : file.lines()) {
        content.write(line);
        content.write('\n');
      }
      Files.write(directory.resolve(file.name()), content.toByteArray());
    }
  }

  private Map<String, String> start(int file) {
    Map<String, String> start = new LinkedHashMap<>();
    start.put("experiment", "\"lines\"");
    start.put("seed", Integer.toString(file));
    start.put("name", text());
    start.put("config", any(Extremes.DOCUMENTS).replace("\n", " "));
    start.put("notes", text());
    start.put("tags", "[\"t\"," + text() + "]");
    start.put("pid", any(VALUES));
    start.put("resumed_from_step", any(VALUES));
    start.put("predecessor_attempt_id", any(VALUES));
    start.put(
        "slurm",
        "{\"job_id\":%s,\"restart_count\":%s,\"cluster\":%s}"
            .formatted(any(VALUES), any(VALUES), text()));
    // A few of them at a time, so that most starts are read.
    List<String> optional = new ArrayList<>(start.keySet());
    optional.removeAll(List.of("experiment", "seed"));
    Collections.shuffle(optional, random);
    optional.stream().skip(random.nextInt(4)).forEach(start::remove);
    Map<String, String> line = new LinkedHashMap<>();
    line.put("at", "17639174%02d.25".formatted(file));
    line.put("start", json(start));
    return line;
  }

  private Map<String, String> event() {
    Map<String, String> line = new LinkedHashMap<>();
    switch (random.nextInt(12)) {
      case 0 -> {
        line.put("status", any(List.of("\"failed\"", "\"completed\"", "\"timeout\"", "\"odd\"")));
        line.put("exit_code", "1");
        line.put("reason", text());
      }
      case 1 -> line.put("results", any(Extremes.DOCUMENTS).replace("\n", " "));
      case 2 -> {
        line.put("error", "{\"type\":%s,\"message\":%s}".formatted(text(), text()));
        line.put("step", "3");
      }
      case 3 ->
          line.put(
              "artifact",
              "{\"type\":%s,\"path\":%s,\"size_bytes\":%s}".formatted(text(), text(), any(VALUES)));
      case 4 -> line.put("annotate", "{\"notes\":%s,\"add_tags\":[%s]}".formatted(text(), text()));
      case 5 -> line.put("heartbeat", any(VALUES));
      case 6 ->
          line.put(
              "dropped",
              "{\"topic\":\"runs\",\"count\":%s,\"reason\":%s}".formatted(any(VALUES), text()));
      case 7 -> {
        line.put("run_id", "\"" + any(runs) + "\"");
        line.put(any(List.of("delete", "restore")), "{\"reason\":%s}".formatted(text()));
      }
      case 8 -> line.put("start", "{\"experiment\":\"lines\",\"seed\":%s}".formatted(any(VALUES)));
      default -> {
        line.put("metrics", "{\"loss\":%s,%s:0.5}".formatted(any(VALUES), text()));
        line.put("step", Integer.toString(random.nextInt(50)));
        line.put("epoch", "0.25");
      }
    }
    return line;
  }

  /** The object, with this many of its values, or values next to them, replaced. */
  private String object(Map<String, String> line, int changes) {
    for (int i = 0; i < changes; i++) {
      List<String> keys = new ArrayList<>(line.keySet());
      keys.addAll(
          List.of("at", "step", "epoch", "elapsed_seconds", "exit_code", "attempt_id", "source"));
      line.put(any(keys), any(VALUES));
    }
    return json(line);
  }

  /** What a writer that is killed, buggy or malicious leaves instead of a line. */
  private byte[] broken(byte[] line, List<byte[]> before) {
    return switch (random.nextInt(10)) {
      case 0 -> Arrays.copyOf(line, random.nextInt(line.length));
      case 1 -> joined(line, line);
      case 2 -> {
        byte[] garbage = new byte[1 + random.nextInt(200)];
        random.nextBytes(garbage);
        yield new String(garbage, StandardCharsets.ISO_8859_1)
            .replace('\n', ' ')
            .getBytes(StandardCharsets.ISO_8859_1);
      }
      case 3 -> new byte[0];
      case 4 -> joined(line, bytes("\r"));
      case 5 -> joined(bytes("\ufeff"), line);
      case 6 -> {
        line[random.nextInt(line.length)] = 0;
        yield line;
      }
      case 7 -> {
        line[random.nextInt(line.length)] = (byte) 0xfe;
        yield line;
      }
      case 8 -> bytes("{\"metrics\":{\"%s\":1},\"step\":1}".formatted("m".repeat(1_100_000)));
      default -> any(before);
    };
  }

  private static byte[] joined(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  private static String json(Map<String, String> object) {
    List<String> members = new ArrayList<>();
    object.forEach((key, value) -> members.add("\"" + key + "\":" + value));
    return "{" + String.join(",", members) + "}";
  }

  /** A text as JSON has it. */
  private String text() {
    return TextNode.valueOf(any(Extremes.TEXTS)).toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private <T> T any(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
