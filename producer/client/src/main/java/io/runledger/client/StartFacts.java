package io.runledger.client;

import io.runledger.config.Configuration;
import io.runledger.config.Secrets;
import io.runledger.config.Setting;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.WellFormedText;
import io.runledger.schemas.event.RunKeyParts;
import io.runledger.schemas.event.RunStarted;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Puts together what is known when an attempt starts. */
final class StartFacts {

  private StartFacts() {}

  /**
   * The start of an attempt.
   *
   * @param source the job, or who watches it
   */
  static RunStarted of(
      RunOptions options,
      Optional<UUID> instance,
      StatusSource source,
      Configuration configuration) {
    StartConfig config =
        StartConfig.of(
            options.config(),
            Secrets.of(configuration),
            configuration.integer(Setting.CONFIG_MAX_BYTES));
    Map<String, String> environment = System.getenv();
    RunStarted.Builder event = RunStarted.newBuilder();
    config.putInto(event);
    return event
        .setKey(options.key().map(StartFacts::parts).orElse(null))
        .setProject(options.project().map(WellFormedText::of).orElse(null))
        .setName(options.name().map(WellFormedText::of).orElse(null))
        .setInstanceId(instance.map(UUID::toString).orElse(null))
        .setNotes(options.notes().map(StartFacts::text).orElse(null))
        .setTags(options.tags().stream().map(StartFacts::text).distinct().toList())
        .setHost(JobEnvironment.host(environment).orElse(null))
        .setUser(System.getProperty("user.name"))
        .setPid(ProcessHandle.current().pid())
        .setCommand(
            options.command().or(JobEnvironment::command).map(StartFacts::text).orElse(null))
        .setGitCommit(JobEnvironment.gitCommit(Path.of("")).orElse(null))
        .setSlurm(JobEnvironment.slurm(environment).orElse(null))
        .setResumedFromStep(
            options.resumedFromStep().isPresent() ? options.resumedFromStep().getAsLong() : null)
        .setSource(source.word())
        .build();
  }

  /** A text of people's as it is stored. */
  static String text(String text) {
    return Secrets.prose(WellFormedText.of(text));
  }

  static RunKeyParts parts(RunKey key) {
    return RunKeyParts.newBuilder()
        .setExperiment(key.experiment().orElse(null))
        .setDataset(key.dataset().orElse(null))
        .setMethod(key.method().orElse(null))
        .setSubject(key.subject().orElse(null))
        .setClInfo(key.clInfo().orElse(null))
        .setSeed(key.seed().isPresent() ? key.seed().getAsLong() : null)
        .build();
  }
}
