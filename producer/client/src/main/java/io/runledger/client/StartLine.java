package io.runledger.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.config.Configuration;
import io.runledger.config.Secrets;
import io.runledger.config.Setting;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.SlurmReference;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What the {@code start} of a line says.
 *
 * @param run the run that it names
 * @param started the event
 */
record StartLine(RunId run, RunStarted started) {

  /**
   * Reads it.
   *
   * @param instance what makes a run of its own of one with project and name, if the line does not
   */
  static StartLine of(LineFields start, UUID instance, Configuration configuration)
      throws BadLineException {
    RunKey key = key(start);
    RunStarted.Builder event =
        RunStarted.newBuilder().setProject(start.text("project")).setName(start.text("name"));
    RunId run;
    if (key != null) {
      run = RunId.of(key);
      event.setKey(StartFacts.parts(key));
    } else {
      if (start.text("project") == null || start.text("name") == null) {
        throw new BadLineException(
            "'start' names no run: it needs a part of a run key, or project and name");
      }
      UUID its = start.has("instance_id") ? uuid(start.requiredText("instance_id")) : instance;
      run = RunId.ofInstance(start.text("project"), start.text("name"), its);
      event.setInstanceId(its.toString());
    }
    config(start, configuration, event);
    event
        .setNotes(start.text("notes"))
        .setTags(start.texts("tags").stream().distinct().toList())
        .setHost(start.text("host"))
        .setUser(start.text("user"))
        .setPid(start.whole("pid"))
        .setCommand(start.text("command"))
        .setGitCommit(start.text("git_commit"))
        .setGitDirty(start.flag("git_dirty"))
        .setResumedFromStep(start.whole("resumed_from_step"))
        .setSlurm(start.has("slurm") ? slurm(start.object("slurm")) : null);
    return new StartLine(run, event.build());
  }

  private static RunKey key(LineFields start) throws BadLineException {
    boolean any = false;
    for (String part :
        new String[] {"experiment", "dataset", "method", "subject", "cl_info", "seed"}) {
      any |= start.has(part);
    }
    return any
        ? RunKey.of(
            start.text("experiment"),
            start.text("dataset"),
            start.text("method"),
            start.text("subject"),
            start.text("cl_info"),
            start.whole("seed"))
        : null;
  }

  private static UUID uuid(String text) throws BadLineException {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new BadLineException("'instance_id' is no UUID");
    }
  }

  private static void config(
      LineFields start, Configuration configuration, RunStarted.Builder event)
      throws BadLineException {
    if (!start.has("config")) {
      return;
    }
    JsonNode node = start.node("config");
    if (!node.isObject()) {
      throw new BadLineException("'config' of 'start' is no object");
    }
    Secrets secrets = Secrets.of(configuration);
    if (start.has("secret_keys")) {
      secrets = secrets.and(start.requiredText("secret_keys"));
    }
    Long cut = start.whole("config_truncated_bytes");
    StartConfig.of(
            node,
            secrets,
            cut == null ? configuration.integer(Setting.CONFIG_MAX_BYTES) : Integer.MAX_VALUE)
        .and(
            cut == null ? 0 : Math.max(0, cut),
            Optional.ofNullable(start.text("config_sha256")),
            start.texts("masked_keys"))
        .putInto(event);
  }

  private static SlurmReference slurm(LineFields slurm) throws BadLineException {
    Long job = slurm.whole("job_id");
    if (job == null) {
      throw new BadLineException("'slurm' has no 'job_id'");
    }
    TreeMap<String, String> allocated = new TreeMap<>();
    if (slurm.has("allocated")) {
      for (Map.Entry<String, JsonNode> each : slurm.node("allocated").properties()) {
        allocated.put(each.getKey(), each.getValue().asText());
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
}
