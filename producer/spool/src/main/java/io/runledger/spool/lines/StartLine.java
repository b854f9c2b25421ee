package io.runledger.spool.lines;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Configuration;
import io.runledger.config.Secrets;
import io.runledger.config.Setting;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.SlurmReference;
import io.runledger.spool.values.StartConfig;
import io.runledger.spool.values.StoredText;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The contents of a line's {@code start}.
 *
 * @param run the run that it names
 * @param started the event
 */
record StartLine(RunId run, RunStarted started) {

  /** Nobody means a longer part of a run's name. */
  private static final int LONGEST_PART = 10_000;

  private static final int LONGEST_NAME_SHOWN = 200;

  /**
   * Reads it. A part that cannot be read is left out. Without a part of its key a run has no key
   * and becomes a separate one, because it must not be taken for another.
   *
   * @param joined the run whose attempt the line names next to the start; where there is one, a
   *     start without a name joins it
   * @param instance what makes a run with project and name a separate one, if the line does not
   * @throws BadLineException when it names no run at all
   */
  static StartLine of(
      LineFields start,
      Optional<RunId> joined,
      UUID instance,
      String fileName,
      Configuration configuration)
      throws BadLineException {
    RunStarted.Builder event = RunStarted.newBuilder();
    String project = part(start, "project");
    String name = part(start, "name");
    RunId run;
    boolean isNamed = isNamed(start::has);
    Optional<RunKey> key = key(start);
    if (key.isPresent()) {
      run = RunId.of(key.get());
      event.setKey(key.get().parts()).setProject(project).setName(name);
    } else if (!isNamed && joined.isPresent()) {
      run = joined.get();
    } else {
      String shownProject = project;
      String shownName = name;
      if (project == null || name == null) {
        if (!isNamed) {
          throw new BadLineException(
              "'start' does not identify a run: it needs a part of a run key, or project and name, or run_id and attempt_id next to it");
        }
        start
            .parts()
            .add("the run's name is incomplete or cannot be read, so it becomes a separate run");
        shownProject = project == null ? "unreadable name" : project;
        shownName = name == null ? whatStandsThere(start, fileName) : name;
      }
      UUID its = uuid(start).orElse(instance);
      run = RunId.ofInstance(shownProject, shownName, its);
      event.setProject(shownProject).setName(shownName).setInstanceId(its.toString());
    }
    config(start, configuration, event);
    event
        .setNotes(prose(start.text("notes")))
        .setTags(start.texts("tags").stream().map(StartLine::prose).distinct().toList())
        .setHost(start.text("host"))
        .setUser(start.text("user"))
        .setPid(start.whole("pid"))
        .setCommand(prose(start.text("command")))
        .setGitCommit(start.text("git_commit"))
        .setGitDirty(start.flag("git_dirty"))
        .setResumedFromStep(start.whole("resumed_from_step"))
        .setPredecessorAttemptId(attempt(start))
        .setSlurm(start.has("slurm") ? slurm(start) : null)
        .setSource(source(start));
    return new StartLine(run, event.build());
  }

  /**
   * The run that another line names as a start would: by its key, or by project, name and instance.
   *
   * @throws BadLineException when it cannot be determined, and a guess would be wrong
   */
  static RunId named(LineFields run) throws BadLineException {
    long lost = run.parts().count();
    Optional<RunKey> key = key(run);
    if (key.isPresent()) {
      return RunId.of(key.get());
    }
    String project = part(run, "project");
    String name = part(run, "name");
    Optional<UUID> instance = uuid(run);
    if (run.parts().count() > lost || project == null || name == null || instance.isEmpty()) {
      throw new BadLineException(
          "'run' does not identify a run: it needs readable parts of a run key, or project, name and instance_id");
    }
    return RunId.ofInstance(project, name, instance.get());
  }

  /** Whether a start names a run, and does not join an attempt that another process began. */
  static boolean isNamed(JsonNode start) {
    return isNamed(start::hasNonNull);
  }

  private static boolean isNamed(Predicate<String> has) {
    return RunKey.PART_NAMES.stream().anyMatch(has) || has.test("project") || has.test("name");
  }

  /** The run key; empty when there is none, or a part of it cannot be read. */
  private static Optional<RunKey> key(LineFields start) {
    long lost = start.parts().count();
    Long seed = start.whole("seed");
    String[] texts = new String[RunKey.PART_NAMES.size() - 1];
    boolean any = seed != null;
    for (int i = 0; i < texts.length; i++) {
      texts[i] = part(start, RunKey.PART_NAMES.get(i));
      any |= texts[i] != null;
    }
    boolean whole = any && start.parts().count() == lost;
    return whole
        ? Optional.of(RunKey.of(texts[0], texts[1], texts[2], texts[3], texts[4], seed))
        : Optional.empty();
  }

  /** A part of a name, or null. */
  private static String part(LineFields start, String name) {
    String text = start.text(name);
    // The replacement for bytes that are not text would be the same in another name.
    boolean readable =
        text == null || (text.length() <= LONGEST_PART && text.indexOf('\ufffd') < 0);
    if (!readable) {
      start.lost(name, "a readable name");
      return null;
    }
    return text;
  }

  private static String whatStandsThere(LineFields start, String fileName) {
    ObjectNode there = JsonNodeFactory.instance.objectNode();
    RunKey.PART_NAMES.stream()
        .filter(start::has)
        .forEach(part -> there.set(part, start.node(part)));
    String text = there.isEmpty() ? fileName : there.toString();
    return text.length() <= LONGEST_NAME_SHOWN
        ? text
        : text.substring(0, LONGEST_NAME_SHOWN) + "...";
  }

  private static Optional<UUID> uuid(LineFields start) {
    String text = start.text("instance_id");
    try {
      return Optional.ofNullable(text).map(UUID::fromString);
    } catch (IllegalArgumentException notOne) {
      start.lost("instance_id", "a UUID");
      return Optional.empty();
    }
  }

  private static String source(LineFields start) {
    String source = start.text("source");
    if (StatusSource.WRAPPER.word().equals(source)) {
      return source;
    }
    if (source != null && !StatusSource.JOB.word().equals(source)) {
      start.lost("source", "job or wrapper");
    }
    return StatusSource.JOB.word();
  }

  private static Long attempt(LineFields start) {
    String text = start.text("predecessor_attempt_id");
    try {
      return text == null ? null : (Long) Base32.decode(text);
    } catch (IllegalArgumentException notOne) {
      start.lost("predecessor_attempt_id", "a valid id of 13 characters");
      return null;
    }
  }

  private static void config(
      LineFields start, Configuration configuration, RunStarted.Builder event) {
    if (!start.has("config")) {
      return;
    }
    JsonNode node = start.node("config");
    if (!node.isObject()) {
      start.parts().add("'config' of 'start' is not an object");
      return;
    }
    Secrets secrets = Secrets.of(configuration);
    String more = start.text("secret_keys");
    Secrets its = more == null ? secrets : secrets.and(more);
    if (more != null && !more.isEmpty() && its == secrets) {
      start.lost("secret_keys", "a regular expression");
    }
    Long cut = start.whole("config_truncated_bytes");
    boolean isCut = cut != null && cut > 0;
    StartConfig.of(
            node, its, isCut ? Integer.MAX_VALUE : configuration.integer(Setting.CONFIG_MAX_BYTES))
        .and(
            isCut ? cut : 0,
            Optional.ofNullable(start.text("config_sha256")).filter(hash -> isCut),
            start.texts("masked_keys"))
        .putInto(event);
  }

  private static SlurmReference slurm(LineFields start) {
    JsonNode node = start.node("slurm");
    if (!node.isObject()) {
      start.lost("slurm", "an object");
      return null;
    }
    LineFields slurm = start.inside("slurm");
    Long job = slurm.whole("job_id");
    if (job == null) {
      start.parts().add("'slurm' has no 'job_id'");
      return null;
    }
    TreeMap<String, String> allocated = new TreeMap<>();
    for (Map.Entry<String, JsonNode> each : slurm.node("allocated").properties()) {
      if (each.getValue().isTextual() || each.getValue().isNumber()) {
        allocated.put(each.getKey(), each.getValue().asText());
      } else {
        slurm.parts().add("'%s' of 'allocated' is not a string".formatted(each.getKey()));
      }
    }
    String cluster = slurm.text("cluster");
    Integer restarts = slurm.small("restart_count", 0, Integer.MAX_VALUE);
    return SlurmReference.newBuilder()
        .setCluster(cluster == null ? "" : cluster)
        .setJobId(job)
        .setArrayJobId(slurm.whole("array_job_id"))
        .setArrayTaskId(slurm.whole("array_task_id"))
        .setRestartCount(restarts == null ? 0 : restarts)
        .setJobName(slurm.text("job_name"))
        .setPartition(slurm.text("partition"))
        .setAccount(slurm.text("account"))
        .setQos(slurm.text("qos"))
        .setNodes(slurm.text("nodes"))
        .setProcid(slurm.small("procid", 0, Integer.MAX_VALUE))
        .setAllocated(allocated)
        .build();
  }

  private static String prose(String text) {
    return text == null ? null : StoredText.of(text);
  }
}
