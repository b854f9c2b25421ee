package io.runledger.client;

import io.runledger.config.Configuration;
import io.runledger.config.Secrets;
import io.runledger.config.Setting;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.WellFormedText;
import io.runledger.schemas.event.RunStarted;
import io.runledger.spool.values.GitChanges;
import io.runledger.spool.values.JobEnvironment;
import io.runledger.spool.values.StartConfig;
import io.runledger.spool.values.StoredText;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The options of a run together with its id.
 *
 * @param instance what makes a run without a key a separate one; empty for one with a key
 */
record NamedRun(RunOptions options, Optional<UUID> instance, RunId id) {

  /** Names the run; one without a key and instance becomes a new one. */
  static NamedRun of(RunOptions given) {
    RunOptions options = given == null ? RunOptions.builder(null).build() : given;
    if (options.key().isPresent()) {
      return new NamedRun(options, Optional.empty(), RunId.of(options.key().get()));
    }
    UUID instance = options.instance().orElseGet(UUID::randomUUID);
    RunId id =
        RunId.ofInstance(options.project().orElseThrow(), options.name().orElseThrow(), instance);
    return new NamedRun(options, Optional.of(instance), id);
  }

  /**
   * The start of an attempt of the run, with what is known of this process.
   *
   * @param source the job, or the wrapper that watches it
   * @param environment variables by name
   */
  RunStarted started(
      StatusSource source, Configuration configuration, Map<String, String> environment) {
    StartConfig config =
        StartConfig.of(
            options.config(),
            Secrets.of(configuration),
            configuration.integer(Setting.CONFIG_MAX_BYTES));
    RunStarted.Builder event = RunStarted.newBuilder();
    config.putInto(event);
    return event
        .setKey(options.key().map(RunKey::parts).orElse(null))
        .setProject(options.project().map(WellFormedText::of).orElse(null))
        .setName(options.name().map(WellFormedText::of).orElse(null))
        .setInstanceId(instance.map(UUID::toString).orElse(null))
        .setNotes(options.notes().map(StoredText::of).orElse(null))
        .setTags(options.tags().stream().map(StoredText::of).distinct().toList())
        .setHost(JobEnvironment.host(environment).orElse(null))
        .setUser(System.getProperty("user.name"))
        .setPid(ProcessHandle.current().pid())
        .setCommand(options.command().or(JobEnvironment::command).map(StoredText::of).orElse(null))
        .setGitCommit(JobEnvironment.gitCommit(Path.of("")).orElse(null))
        .setGitDirty(GitChanges.HERE.any().orElse(null))
        .setSlurm(JobEnvironment.slurm(environment).orElse(null))
        .setResumedFromStep(
            options.resumedFromStep().isPresent() ? options.resumedFromStep().getAsLong() : null)
        .setSource(source.word())
        .build();
  }
}
