package io.runledger.query.filter;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What a test looks at: a value that a run has, may have, or has several of. */
public sealed interface Field {

  /** What its values are. */
  enum Kind {
    TEXT,
    NUMBER,
    INSTANT,
    /** Seconds. */
    DURATION,
    TRUTH,
    /** Whatever the job recorded: a text, a number, true or false. */
    ANY
  }

  Kind kind();

  /** The words that are whole fields, for completion. */
  static List<String> words() {
    return Fields.words();
  }

  /** What every run has, or not; at most one of each. */
  enum Attribute implements Field {
    ID(Kind.TEXT, "id"),
    NAME(Kind.TEXT, "name", "run_name"),
    PROJECT(Kind.TEXT, "project"),
    EXPERIMENT(Kind.TEXT, "experiment"),
    DATASET(Kind.TEXT, "dataset"),
    METHOD(Kind.TEXT, "method"),
    SUBJECT(Kind.TEXT, "subject"),
    CL_INFO(Kind.TEXT, "cl_info"),
    SEED(Kind.NUMBER, "seed"),
    STATUS(Kind.TEXT, "status"),
    /** Why the status is what it is. */
    REASON(Kind.TEXT, "reason", "status_reason"),
    /** Who said so: job, wrapper, scheduler, operator or observer. */
    SOURCE(Kind.TEXT, "source", "status_source"),
    EXIT_CODE(Kind.NUMBER, "exit_code"),
    ATTEMPTS(Kind.NUMBER, "attempts"),
    NOTES(Kind.TEXT, "notes"),
    /** When its first attempt began. */
    CREATED(Kind.INSTANT, "created", "created_at"),
    /** When its newest attempt began. */
    STARTED(Kind.INSTANT, "started", "started_at"),
    FINISHED(Kind.INSTANT, "finished", "finished_at"),
    /** Seconds from the newest attempt's start to its end, or until now. */
    TOOK(Kind.DURATION, "took"),
    /** Whether the configuration changed between attempts. */
    DRIFT(Kind.TRUTH, "drift", "config_drift"),
    /** Events that are known to exist and have not come. */
    MISSING(Kind.NUMBER, "missing", "missing_events"),
    /** Events that the job could not store. */
    DROPPED(Kind.NUMBER, "dropped", "dropped_events"),
    SLURM_JOB(Kind.NUMBER, "slurm_job", "slurm_job_id"),
    SLURM_ARRAY_TASK(Kind.NUMBER, "slurm_array_task", "slurm_array_task_id");

    private final Kind kind;
    private final String word;
    private final String column;

    Attribute(Kind kind, String word) {
      this(kind, word, word);
    }

    Attribute(Kind kind, String word, String column) {
      this.kind = kind;
      this.word = word;
      this.column = column;
    }

    @Override
    public Kind kind() {
      return kind;
    }

    /** How people write it: the short word, and its column in tables and CSV. */
    public Set<String> words() {
      return word.equals(column) ? Set.of(word) : Set.of(word, column);
    }
  }

  /** What a run has any number of; a test of it holds where one of them passes. */
  enum Fact implements Field {
    TAG("tag"),
    /** The machine that an attempt began on. */
    HOST("host"),
    USER("user"),
    COMMAND("command"),
    COMMIT("commit"),
    ERROR_TYPE("error.type"),
    ERROR_MESSAGE("error.message"),
    ARTIFACT_TYPE("artifact.type"),
    ARTIFACT_PATH("artifact.path"),
    JOB_STATE("job.state"),
    JOB_NAME("job.name"),
    JOB_NODES("job.nodes"),
    JOB_PARTITION("job.partition"),
    JOB_ACCOUNT("job.account");

    private final String word;

    Fact(String word) {
      this.word = word;
    }

    @Override
    public Kind kind() {
      return Kind.TEXT;
    }

    /** How people write it. */
    public String word() {
      return word;
    }
  }

  /**
   * A value of the configuration. Where no part was written in quotes, a key that has the dots in
   * its name is meant as well, if the path leads nowhere.
   *
   * @param path the names of the objects around it, from the outside, and its own; not empty
   */
  record ConfigValue(List<PathPart> path) implements Field {
    public ConfigValue {
      path = List.copyOf(path);
    }

    @Override
    public Kind kind() {
      return Kind.ANY;
    }
  }

  /**
   * A step of a path.
   *
   * @param name a key; one of digits alone that is not in quotes is a place in a list as well,
   *     which counts from 0
   */
  record PathPart(String name, boolean isQuoted) {

    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,9}");

    /** Whether it is a place in a list, where there is one. */
    public boolean isPlace() {
      return !isQuoted && DIGITS.matcher(name).matches();
    }
  }

  /** The newest value of a result, by its name. */
  record SummaryValue(String name) implements Field {
    @Override
    public Kind kind() {
      return Kind.ANY;
    }
  }

  /** A number of a metric's summary. */
  record MetricValue(String metric, Aggregate aggregate) implements Field {
    @Override
    public Kind kind() {
      return Kind.NUMBER;
    }
  }

  /** Which number of a metric's summary. */
  enum Aggregate {
    LAST,
    MIN,
    MAX,
    /** The smallest where the name looks like a loss, else the largest. */
    BEST,
    /** How many values were logged, NaN among them. */
    COUNT,
    /** How many of them are NaN. */
    NAN_COUNT,
    LAST_STEP,
    MIN_STEP,
    MAX_STEP;

    /** How people write it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it is a value that was logged, and neither a number of values nor a step. */
    public boolean isValue() {
      return this == LAST || this == MIN || this == MAX || this == BEST;
    }

    /** The one that people write so. */
    public static Optional<Aggregate> ofWord(String word) {
      return Arrays.stream(values()).filter(one -> one.word().equals(word)).findFirst();
    }
  }
}
