package io.runledger.fold.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.fold.AttemptOrder.Restart;
import io.runledger.fold.EventKey;
import io.runledger.fold.Instants;
import io.runledger.fold.Verdict.Observation;
import io.runledger.schemas.SlurmState;
import io.runledger.schemas.event.SlurmJobObserved;
import io.runledger.schemas.event.SlurmReference;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A SLURM job of an attempt: what the job's own environment reported, and over it the newest
 * observation. A report fills what only it knows and what was not observed; an observation replaces
 * what the observation before it said. Each part remembers whose it is, so the order of arrival
 * means nothing.
 *
 * @param attemptId the attempt that ran in it
 * @param cluster name of the SLURM cluster
 * @param jobId SLURM's number of the job
 * @param reported a JSON object, of the first start that named the job
 * @param observed a JSON object, of the newest observation
 */
public record SlurmJob(
    long attemptId,
    String cluster,
    long jobId,
    Optional<Said<String>> reported,
    Optional<Said<String>> observed) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What 128 is added to when a signal ended the job. */
  private static final int SIGNAL = 128;

  /** What names a job of a run. */
  public record Name(long attemptId, String cluster, long jobId) {}

  /** One of which nothing is known but that it is. */
  public static SlurmJob unknown(Name name) {
    return new SlurmJob(
        name.attemptId(), name.cluster(), name.jobId(), Optional.empty(), Optional.empty());
  }

  public Name name() {
    return new Name(attemptId, cluster, jobId);
  }

  /** With what a start reported of it. */
  public SlurmJob with(EventKey key, SlurmReference report) {
    return new SlurmJob(
        attemptId,
        cluster,
        jobId,
        Said.first(reported, Said.by(key, null, json(facts(report)))),
        observed);
  }

  /** With an observation. */
  public SlurmJob with(EventKey key, SlurmJobObserved observation) {
    return new SlurmJob(
        attemptId,
        cluster,
        jobId,
        reported,
        Said.last(observed, Said.by(key, null, json(facts(observation)))));
  }

  /** What is known of it: each fact as it was observed, or else as it was reported. */
  public Facts facts() {
    return new Facts(parsed(observed), parsed(reported));
  }

  /** The facts of a job by their names. */
  public static final class Facts {

    private final ObjectNode observed;
    private final ObjectNode reported;

    private Facts(ObjectNode observed, ObjectNode reported) {
      this.observed = observed;
      this.reported = reported;
    }

    /** A number, null when not reported. */
    public Long number(String name) {
      return numberOf(fact(name));
    }

    /** A text, null when not reported. */
    public String text(String name) {
      JsonNode fact = fact(name);
      return fact == null ? null : fact.asText();
    }

    /** A JSON object, null when not reported. */
    public String object(String name) {
      JsonNode fact = fact(name);
      return fact == null ? null : json(fact);
    }

    private JsonNode fact(String name) {
      JsonNode seen = observed.get(name);
      return seen == null ? reported.get(name) : seen;
    }

    private static Long numberOf(JsonNode fact) {
      return fact == null ? null : Long.valueOf(fact.asLong());
    }

    /** What the attempt's own environment reported comes first: SLURM may have gone on since. */
    private Long restarts() {
      JsonNode own = reported.get("restart_count");
      return numberOf(own == null ? observed.get("restart_count") : own);
    }

    private Integer exitCode() {
      Long signal = number("exit_signal");
      Long code =
          signal == null || signal == 0 ? number("exit_code") : Long.valueOf(SIGNAL + signal);
      return code == null ? null : (int) Math.min(code, Integer.MAX_VALUE);
    }
  }

  Optional<Restart> restart() {
    return Optional.ofNullable(facts().restarts())
        .map(count -> new Restart(attemptId, cluster, jobId, count));
  }

  Optional<Observation> observation() {
    Facts facts = facts();
    return Optional.ofNullable(facts.text("state"))
        .map(
            state ->
                new Observation(
                    attemptId,
                    SlurmState.of(state),
                    facts.exitCode(),
                    Instants.microsOfText(facts.text("finished_at"))));
  }

  private static Map<String, Object> facts(SlurmReference job) {
    TreeMap<String, Object> facts = new TreeMap<>();
    facts.put("array_job_id", job.getArrayJobId());
    facts.put("array_task_id", job.getArrayTaskId());
    facts.put("restart_count", job.getRestartCount());
    facts.put("job_name", job.getJobName());
    facts.put("nodes", job.getNodes());
    facts.put("partition", job.getPartition());
    facts.put("account", job.getAccount());
    facts.put("qos", job.getQos());
    facts.put("allocated", new TreeMap<>(job.getAllocated()));
    facts.values().removeIf(value -> value == null);
    return facts;
  }

  private static Map<String, Object> facts(SlurmJobObserved job) {
    TreeMap<String, Object> facts = new TreeMap<>();
    facts.put("array_job_id", job.getArrayJobId());
    facts.put("array_task_id", job.getArrayTaskId());
    facts.put("restart_count", job.getRestartCount());
    facts.put("job_name", job.getJobName());
    facts.put("nodes", job.getNodes());
    facts.put("partition", job.getPartition());
    facts.put("account", job.getAccount());
    facts.put("qos", job.getQos());
    facts.put("requested", new TreeMap<>(job.getRequested()));
    facts.put("allocated", job.getAllocated().isEmpty() ? null : new TreeMap<>(job.getAllocated()));
    facts.put("state", job.getState());
    facts.put("reason", job.getReason());
    facts.put("exit_code", job.getExitCode());
    facts.put("exit_signal", job.getExitSignal());
    facts.put("derived_exit_code", job.getDerivedExitCode());
    facts.put("submitted_at", Instants.text(job.getSubmitTime()));
    facts.put("started_at", Instants.text(job.getStartTime()));
    facts.put("finished_at", Instants.text(job.getEndTime()));
    facts.put("time_limit_seconds", job.getTimeLimitSeconds());
    facts.values().removeIf(value -> value == null);
    return facts;
  }

  private static ObjectNode parsed(Optional<Said<String>> said) {
    if (said.isEmpty()) {
      return JSON.createObjectNode();
    }
    try {
      return (ObjectNode) JSON.readTree(said.get().value());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "Facts of a SLURM job that the fold wrote are not JSON: " + said.get().value(), e);
    }
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Texts and numbers always have a JSON form.", e);
    }
  }
}
