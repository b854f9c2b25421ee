package io.runledger.agent.slurm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What slurmctld posts about a job that is over: the JSON of {@code jobcomp/elasticsearch}, seen
 * from 22.05 on. It holds the text of the job's script, which is not read: scripts hold secrets.
 */
final class JobCompletion {

  private static final ObjectMapper JSON = new ObjectMapper();

  private JobCompletion() {}

  /** The bytes are not such a document. */
  static final class NoCompletionException extends Exception {
    private static final long serialVersionUID = 1L;

    NoCompletionException(String message) {
      super(message);
    }
  }

  /**
   * The job of a document.
   *
   * @param zone zone of slurmctld, whose times carry none
   */
  static SlurmJob parse(byte[] document, ZoneId zone) throws NoCompletionException {
    JsonNode job = tree(document);
    OptionalLong id = number(job, "jobid");
    String state = state(job.path("state"));
    if (id.isEmpty() || state.isEmpty()) {
      throw new NoCompletionException("The document has no jobid or no state.");
    }
    OptionalLong array = number(job, "array_job_id");
    boolean isTask = array.orElse(0) > 0;
    return new SlurmJob(
        id.getAsLong(),
        isTask ? array : OptionalLong.empty(),
        isTask ? number(job, "array_task_id") : OptionalLong.empty(),
        state,
        Words.text(text(job, "reason")),
        Words.exitCode(text(job, "exit_code")),
        Words.exitSignal(text(job, "exit_code")),
        Words.exitCode(text(job, "derived_ec")),
        time(job, "@submit", zone),
        time(job, "@start", zone),
        time(job, "@end", zone),
        number(job, "time_limit"),
        Words.text(text(job, "nodes")),
        Words.text(text(job, "partition")),
        Words.text(text(job, "account")),
        Words.text(text(job, "qos")),
        text(job, "job_name"),
        Words.resources(text(job, "tres_req")),
        Words.resources(text(job, "tres_alloc")));
  }

  private static JsonNode tree(byte[] document) throws NoCompletionException {
    try {
      JsonNode tree = JSON.readTree(document);
      if (tree != null && tree.isObject()) {
        return tree;
      }
    } catch (IOException e) {
      String where =
          e instanceof JsonProcessingException at && at.getLocation() != null
              ? " at byte " + at.getLocation().getByteOffset()
              : "";
      throw new NoCompletionException("The document is not JSON" + where + ".");
    }
    throw new NoCompletionException("The document is not a JSON object.");
  }

  /** Newer versions write a list of words, of which the first is the state. */
  private static String state(JsonNode state) {
    return (state.isArray() ? state.path(0) : state).asText("").strip();
  }

  private static String text(JsonNode job, String name) {
    return job.path(name).asText("");
  }

  private static OptionalLong number(JsonNode job, String name) {
    JsonNode value = job.path(name);
    return value.isIntegralNumber()
        ? OptionalLong.of(value.asLong())
        : Words.number(value.asText());
  }

  private static Optional<Instant> time(JsonNode job, String name, ZoneId zone) {
    return Words.instant(text(job, name), zone);
  }
}
