package io.runledger.imports.lines;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.WellFormedText;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * One life of a run of another tracker, and the ids that it has here.
 *
 * @param tool the word of the tracker, as on the command line
 * @param identity what distinguishes the run from all others of its tracker
 * @param run the id of the run
 * @param attempt the id of the attempt
 * @param naming the part of a {@code start} that names the run
 */
public record SourceRun(String tool, String identity, RunId run, long attempt, ObjectNode naming) {

  private static final String RUN_DOMAIN = "runledger.imported-run.v1";
  private static final String ATTEMPT_DOMAIN = "runledger.imported-attempt.v1";
  private static final int LONGEST_NAME = 10_000;

  /** A name that distinguishes nothing where the source has none. */
  private static final String NAMELESS = "?";

  /**
   * A run without a run key.
   *
   * @param project the name of its project
   * @param name its name, which must not change in the source: it is a part of the run's id
   * @param started when it began, if the source says so itself; the modification time of a file is
   *     not such a time, because a copy has another one
   */
  public static SourceRun named(
      String tool, String project, String name, String identity, Optional<Instant> started) {
    UUID instance = SourceDigest.of(RUN_DOMAIN, tool, identity).instance();
    String within = readable(project);
    String called = readable(name);
    ObjectNode naming =
        JsonNodeFactory.instance
            .objectNode()
            .put("project", within)
            .put("name", called)
            .put("instance_id", instance.toString());
    RunId run = RunId.ofInstance(within, called, instance);
    return new SourceRun(tool, identity, run, attemptOf(tool, identity, started), naming);
  }

  /** A run with a run key: what was imported and what is logged under the key is one run. */
  public static SourceRun keyed(
      String tool, RunKey key, ObjectNode naming, String identity, Optional<Instant> started) {
    return new SourceRun(tool, identity, RunId.of(key), attemptOf(tool, identity, started), naming);
  }

  private static long attemptOf(String tool, String identity, Optional<Instant> started) {
    return SourceDigest.of(ATTEMPT_DOMAIN, tool, identity).attempt(started);
  }

  /** A later life of the same run, such as one after a restart. */
  public SourceRun resumed(String which, Instant started) {
    String its = identity + '\n' + which;
    return new SourceRun(tool, its, run, attemptOf(tool, its, Optional.of(started)), naming);
  }

  String owner() {
    return "\"run_id\":\"%s\",\"attempt_id\":\"%s\"".formatted(run, Base32.encode(attempt));
  }

  /** What the reader of lines takes as a name: a text that it can be sure of. */
  private static String readable(String text) {
    String known = WellFormedText.of(text).replace('\ufffd', '?');
    String name = known.length() <= LONGEST_NAME ? known : known.substring(0, LONGEST_NAME);
    return name.isBlank() ? NAMELESS : name;
  }
}
