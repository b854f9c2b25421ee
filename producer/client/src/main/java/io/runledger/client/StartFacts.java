package io.runledger.client;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.WellFormedText;
import io.runledger.schemas.event.RunKeyParts;
import io.runledger.schemas.event.RunStarted;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** Puts together what is known when an attempt starts. */
final class StartFacts {

  private StartFacts() {}

  static RunStarted of(RunOptions options, Optional<UUID> instance, Configuration configuration) {
    String json =
        WellFormedText.of(
            JsonText.masked(
                options.config(), Pattern.compile(configuration.get(Setting.SECRET_KEYS))));
    Map<String, String> environment = System.getenv();
    RunStarted.Builder event = RunStarted.newBuilder();
    setConfig(event, json, configuration);
    return event
        .setKey(options.key().map(StartFacts::parts).orElse(null))
        .setProject(options.project().map(WellFormedText::of).orElse(null))
        .setName(options.name().map(WellFormedText::of).orElse(null))
        .setInstanceId(instance.map(UUID::toString).orElse(null))
        .setNotes(options.notes().map(WellFormedText::of).orElse(null))
        .setTags(options.tags().stream().map(WellFormedText::of).distinct().toList())
        .setHost(JobEnvironment.host(environment).orElse(null))
        .setUser(System.getProperty("user.name"))
        .setPid(ProcessHandle.current().pid())
        .setCommand(
            options.command().or(JobEnvironment::command).map(WellFormedText::of).orElse(null))
        .setGitCommit(JobEnvironment.gitCommit(Path.of("")).orElse(null))
        .setSlurm(JobEnvironment.slurm(environment).orElse(null))
        .setResumedFromStep(
            options.resumedFromStep().isPresent() ? options.resumedFromStep().getAsLong() : null)
        .build();
  }

  static void setConfig(RunStarted.Builder event, String json, Configuration configuration) {
    Cut config = Cut.middle(json, configuration.integer(Setting.CONFIG_MAX_BYTES));
    event
        .setConfig(config.truncatedBytes() == 0 ? json : truncated(config))
        .setConfigTruncatedBytes(config.truncatedBytes())
        .setConfigSha256(config.sha256().orElse(null));
  }

  /** A cut text is no JSON any more; it stands as the one value of an object. */
  private static String truncated(Cut config) {
    return JsonText.of(Map.of("truncated", config.text()));
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
