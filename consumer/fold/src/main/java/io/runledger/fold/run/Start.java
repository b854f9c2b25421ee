package io.runledger.fold.run;

import io.runledger.fold.Instants;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.event.RunStarted;
import java.time.Instant;
import java.util.Optional;

/**
 * What the start of an attempt says of the run and of where it runs; null is what it does not say.
 *
 * @param key the run key; empty for a run that has an instance id instead
 * @param startedMicros when, in microseconds since 1970 by the job's clock
 * @param pid process id
 * @param gitDirty whether the working tree differed from the commit
 */
public record Start(
    Optional<RunKey> key,
    String project,
    String name,
    String instanceId,
    Long startedMicros,
    String host,
    String user,
    Long pid,
    String command,
    String gitCommit,
    Boolean gitDirty) {

  static Start of(Instant at, RunStarted started) {
    return new Start(
        Optional.ofNullable(started.getKey()).map(RunKey::of),
        started.getProject(),
        started.getName(),
        started.getInstanceId(),
        Instants.micros(at),
        started.getHost(),
        started.getUser(),
        started.getPid(),
        started.getCommand(),
        started.getGitCommit(),
        started.getGitDirty());
  }
}
