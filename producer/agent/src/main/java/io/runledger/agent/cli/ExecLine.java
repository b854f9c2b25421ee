package io.runledger.agent.cli;

import io.runledger.agent.Wrapper;
import io.runledger.schemas.RunKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The parsed command line of {@code exec}. {@link #read} parses plain ones without picocli: a
 * command waits for us, and picocli takes longer than all else. What is not plain, and each
 * mistake, is left to {@link ExecCommand}; a test checks that both understand the same.
 *
 * @param wrapper the run
 * @param configFile settings file, which the command gets as well
 * @param skipIfCompleted whether nothing is run where the run is completed
 * @param command what is run
 */
public record ExecLine(
    Wrapper wrapper, Optional<Path> configFile, boolean skipIfCompleted, List<String> command) {

  private static final List<String> PARTS =
      Stream.concat(RunKey.PART_NAMES.stream(), Stream.of("project", "name")).toList();

  private static final String SKIP_IF_COMPLETED = "--skip-if-completed";

  /**
   * The command line, completed by the environment.
   *
   * @param parts what names the run, as far as flags do
   */
  static ExecLine of(
      Map<String, String> parts,
      Map<String, String> config,
      List<String> tags,
      Optional<String> notes,
      OptionalLong resumedFromStep,
      OptionalInt usageSeconds,
      Optional<Path> configFile,
      boolean skipIfCompleted,
      List<String> command) {
    Map<String, String> all = new LinkedHashMap<>();
    for (String part : PARTS) {
      String flag = parts.get(part);
      String value = flag == null ? System.getenv(Wrapper.environmentName(part)) : flag;
      if (value != null && !value.isEmpty()) {
        all.put(part, value);
      }
    }
    return new ExecLine(
        new Wrapper(all, config, tags, notes, resumedFromStep, usageSeconds),
        configFile,
        skipIfCompleted,
        command);
  }

  /** Parses the words after {@code exec}; empty where picocli must parse them. */
  public static Optional<ExecLine> read(List<String> words) {
    Map<String, String> given = new LinkedHashMap<>();
    Map<String, String> config = new LinkedHashMap<>();
    List<String> tags = new ArrayList<>();
    Set<String> switches = new HashSet<>();
    int at = 0;
    while (at < words.size() && words.get(at).startsWith("-")) {
      String word = words.get(at++);
      if (word.equals("--")) {
        break;
      }
      if (word.equals(SKIP_IF_COMPLETED)) {
        if (!switches.add(word)) {
          return Optional.empty();
        }
        continue;
      }
      int sign = word.indexOf('=');
      if (sign < 0 && at == words.size()) {
        return Optional.empty();
      }
      String option = sign < 0 ? word : word.substring(0, sign);
      String value = sign < 0 ? words.get(at++) : word.substring(sign + 1);
      if (!isPlain(value) || !take(option, value, given, config, tags)) {
        return Optional.empty();
      }
    }
    List<String> command = words.subList(at, words.size());
    return command.isEmpty() || command.get(0).startsWith("@")
        ? Optional.empty()
        : line(given, config, tags, !switches.isEmpty(), command);
  }

  /** Whether any parser takes a value literally: not as an option or a file of arguments. */
  private static boolean isPlain(String value) {
    return !value.isEmpty() && !value.startsWith("-") && !value.startsWith("@");
  }

  private static boolean take(
      String option,
      String value,
      Map<String, String> given,
      Map<String, String> config,
      List<String> tags) {
    switch (option) {
      case "--set" -> {
        int sign = value.indexOf('=');
        return sign > 0 && config.put(value.substring(0, sign), value.substring(sign + 1)) == null;
      }
      case "--tag" -> {
        return tags.add(value);
      }
      case "--resumed-from-step", "--usage-seconds" -> {
        return value.matches("0|[1-9][0-9]{0,8}") && given.put(option, value) == null;
      }
      case "--notes", "--config" -> {
        return given.put(option, value) == null;
      }
      default -> {
        String part = option.startsWith("--") ? option.substring(2).replace('-', '_') : "";
        return option.indexOf('_') < 0 && PARTS.contains(part) && given.put(part, value) == null;
      }
    }
  }

  private static Optional<ExecLine> line(
      Map<String, String> given,
      Map<String, String> config,
      List<String> tags,
      boolean skipIfCompleted,
      List<String> command) {
    String step = given.get("--resumed-from-step");
    String seconds = given.get("--usage-seconds");
    try {
      ExecLine line =
          of(
              given,
              config,
              tags,
              Optional.ofNullable(given.get("--notes")),
              step == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(step)),
              seconds == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(seconds)),
              Optional.ofNullable(given.get("--config")).map(Path::of),
              skipIfCompleted,
              List.copyOf(command));
      var unused = line.wrapper.options(command);
      return Optional.of(line);
    } catch (IllegalArgumentException mistake) {
      return Optional.empty();
    }
  }

  /**
   * Records the command that the launcher runs, and returns when it has ended.
   *
   * @return the process's exit code
   * @throws IllegalArgumentException when the run's name is not valid; then nothing was run
   */
  public int run() {
    return wrapper.record(command, configFile, skipIfCompleted);
  }
}
