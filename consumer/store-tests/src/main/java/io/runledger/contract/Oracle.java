package io.runledger.contract;

import static io.runledger.contract.oracle.OracleText.fields;
import static io.runledger.contract.oracle.OracleText.flag;
import static io.runledger.contract.oracle.OracleText.get;
import static io.runledger.contract.oracle.OracleText.json;
import static io.runledger.contract.oracle.OracleText.micros;
import static io.runledger.contract.oracle.OracleText.number;
import static io.runledger.contract.oracle.OracleText.orElse;
import static io.runledger.contract.oracle.OracleText.row;
import static io.runledger.contract.oracle.OracleText.sameJson;
import static io.runledger.contract.oracle.OracleText.text;

import io.runledger.contract.oracle.OracleConfig;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.ArtifactLogged;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunDeleted;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunKeyParts;
import io.runledger.schemas.event.RunRestored;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.RunStatusChanged;
import io.runledger.schemas.event.SlurmJobObserved;
import io.runledger.schemas.event.SlurmReference;
import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;

/**
 * What a database must hold, implemented a second time: from all events at once, in plain
 * collections, without SQL and without the product's fold. The rules are those of the page on the
 * database.
 *
 * <p>{@link OracleDump} reads the same lines from a database. Left out are ids that follow from an
 * event's identity, series (whose points and summaries are here), and what the log adds: positions,
 * dead letters, gaps.
 */
public final class Oracle {

  private final NavigableMap<String, List<String>> lines = new TreeMap<>();

  private Oracle() {}

  /** An event, wherever it was packed: its identity, its time, and what it says. */
  record Event(
      long run, long attempt, long writer, Topics topic, long seq, Instant at, Object payload) {
    private String identity() {
      return row(run, attempt, writer, topic, seq);
    }
  }

  /** What was said about the status of an attempt in the end. */
  private record Status(
      String word, String reason, String source, Integer exitCode, Instant end, String rule) {}

  /** By table, the rows as sorted lines. The events may come in any order, any number of times. */
  public static Map<String, List<String>> of(Collection<? extends SpecificRecord> events) {
    Oracle oracle = new Oracle();
    OracleDump.TABLES.keySet().forEach(table -> oracle.lines.put(table, new ArrayList<>()));
    NavigableMap<String, Event> once = new TreeMap<>();
    events.stream().flatMap(Oracle::unpacked).forEach(event -> once.put(event.identity(), event));
    grouped(once.values(), Event::run).values().forEach(oracle::run);
    oracle.lines.values().forEach(rows -> rows.sort(Comparator.naturalOrder()));
    return oracle.lines;
  }

  private static Stream<Event> unpacked(SpecificRecord record) {
    if (record instanceof MetricsLogged e) {
      return Stream.iterate(0, i -> i < e.getRows().size(), i -> i + 1)
          .map(i -> metric(e, e.getFirstSeq() + i, e.getRows().get(i)));
    }
    if (record instanceof RunEvent e) {
      return Stream.of(event(e, Topics.RUNS, e.getAt(), e.getEvent()));
    }
    return Stream.of(
        record instanceof ErrorLogged e
            ? event(e, Topics.ERRORS, e.getAt(), e)
            : event(record, Topics.SLURM, ((SlurmJobObserved) record).getAt(), record));
  }

  private static Event event(SpecificRecord record, Topics topic, Instant at, Object payload) {
    return new Event(
        (long) get(record, "run_id"),
        (long) get(record, "attempt_id"),
        (long) get(record, "writer_id"),
        topic,
        (long) get(record, "seq"),
        at,
        payload);
  }

  private static Event metric(MetricsLogged e, long seq, MetricRow row) {
    return new Event(
        e.getRunId(), e.getAttemptId(), e.getWriterId(), Topics.METRICS, seq, row.getAt(), row);
  }

  private void run(List<Event> events) {
    NavigableMap<Long, List<Event>> speakers = grouped(events, Event::attempt);
    speakers.values().forEach(list -> list.sort(BY_WRITER));
    NavigableMap<Long, List<Event>> byId = new TreeMap<>(speakers);
    byId.values().removeIf(list -> list.stream().allMatch(Oracle::isOfAnOperator));
    if (byId.isEmpty()) {
      facts(events);
      streams(events);
      return;
    }
    List<Long> order = OracleOrder.of(byId);
    Comparator<Long> causal = Comparator.comparing(order::indexOf);
    NavigableMap<Long, List<Event>> attempts = new TreeMap<>(causal);
    attempts.putAll(byId);
    NavigableMap<Long, RunStarted> starts = new TreeMap<>(causal);
    NavigableMap<Long, Instant> startTimes = new TreeMap<>(causal);
    attempts.forEach(
        (attempt, list) -> {
          List<RunStarted> all = said(list, RunStarted.class);
          if (!all.isEmpty()) {
            starts.put(attempt, merged(all));
          }
          list.stream()
              .filter(event -> event.payload() instanceof RunStarted start && isNamed(start))
              .findFirst()
              .ifPresent(event -> startTimes.put(attempt, event.at()));
        });
    RunStarted first =
        starts.getOrDefault(
            startTimes.isEmpty() ? order.get(0) : startTimes.firstKey(), new RunStarted());
    String config =
        starts.values().stream()
            .map(RunStarted::getConfig)
            .filter(Oracle::isConfig)
            .findFirst()
            .orElse(first.getConfig());
    NavigableMap<Long, Long> cuts = cuts(attempts, starts);
    boolean drift = false;
    Status status = null;
    TreeSet<String> tags = new TreeSet<>();
    String notes = null;
    String name = name(first);
    for (Map.Entry<Long, List<Event>> entry : attempts.entrySet()) {
      long attempt = entry.getKey();
      RunStarted start = starts.get(attempt);
      boolean drifted =
          start != null
              && ((isConfig(start.getConfig()) && !sameJson(start.getConfig(), config))
                  || OracleConfig.differs(
                      OracleConfig.said(strongerLast(said(entry.getValue(), RunStarted.class)))));
      drift |= drifted;
      status = status(startTimes.containsKey(attempt), entry.getValue());
      attempt(
          entry.getValue(),
          order.indexOf(attempt) + 1,
          start,
          startTimes.get(attempt),
          cuts.get(attempt),
          drifted,
          status);
      facts(entry.getValue());
      jobs(entry.getValue());
    }
    long run = events.get(0).run();
    boolean deleted = false;
    for (long speaker : turns(order, speakers.navigableKeySet())) {
      RunStarted start = order.contains(speaker) ? starts.get(speaker) : null;
      deleted &= !order.contains(speaker) || !startTimes.containsKey(speaker);
      if (start != null) {
        tags.addAll(start.getTags());
        notes = start.getNotes() == null ? notes : start.getNotes();
      }
      for (Event event : speakers.get(speaker)) {
        deleted |= event.payload() instanceof RunDeleted;
        deleted &= !(event.payload() instanceof RunRestored);
        if (event.payload() instanceof RunAnnotated annotation) {
          notes = annotation.getNotes() == null ? notes : annotation.getNotes();
          name = annotation.getName() == null ? name : annotation.getName();
          tags.removeAll(annotation.getTagsRemoved());
          tags.addAll(annotation.getTagsAdded());
        }
      }
    }
    speakers.keySet().stream()
        .filter(id -> !order.contains(id))
        .map(speakers::get)
        .forEach(this::facts);
    add(
        "experiment_runs",
        run,
        startTimes.isEmpty() ? "unknown" : first.getKey() == null ? "instance" : "key",
        fields(first.getKey(), "experiment dataset method subject cl_info seed"),
        first.getProject(),
        name,
        config,
        flag(drift),
        notes,
        json(tags),
        row(status.word(), status.reason(), status.source(), status.exitCode()),
        row(attempts.size(), attempts.firstKey(), attempts.lastKey()),
        flag(deleted),
        text(startTimes.isEmpty() ? null : startTimes.firstEntry().getValue()),
        text(startTimes.get(attempts.lastKey())),
        text(status.end()),
        newestJob(attempts.lastEntry().getValue()));
    points(run, events, cuts, causal);
    streams(events);
  }

  private static boolean isOfAnOperator(Event event) {
    return event.payload() instanceof RunAnnotated
        || event.payload() instanceof RunDeleted
        || event.payload() instanceof RunRestored;
  }

  /**
   * Attempts in their order; an id that is not an attempt goes after the last one with a lower id.
   */
  private static List<Long> turns(List<Long> order, Iterable<Long> speakers) {
    List<Long> turns = new ArrayList<>(order);
    for (long speaker : speakers) {
      if (!order.contains(speaker)) {
        int place = 0;
        for (int i = 0; i < turns.size(); i++) {
          place = turns.get(i) < speaker ? i + 1 : place;
        }
        turns.add(place, speaker);
      }
    }
    return turns;
  }

  private static boolean isNamed(RunStarted start) {
    return start.getKey() != null || start.getInstanceId() != null;
  }

  /** The wrapper's word is weaker than the job's, and an earlier one than a later. */
  private static List<RunStarted> strongerLast(List<RunStarted> byWriter) {
    return byWriter.stream()
        .sorted(Comparator.comparing(start -> !start.getSource().equals("wrapper")))
        .toList();
  }

  /** The first of an attempt's starts that names the run, with what all of them say. */
  private static RunStarted merged(List<RunStarted> byWriter) {
    RunStarted first =
        byWriter.stream().filter(Oracle::isNamed).findFirst().orElse(new RunStarted());
    RunStarted.Builder all =
        RunStarted.newBuilder()
            .setKey(first.getKey())
            .setProject(first.getProject())
            .setName(first.getName())
            .setInstanceId(first.getInstanceId())
            .setHost(first.getHost())
            .setUser(first.getUser())
            .setPid(first.getPid())
            .setCommand(first.getCommand())
            .setGitCommit(first.getGitCommit())
            .setGitDirty(first.getGitDirty());
    TreeSet<String> tags = new TreeSet<>();
    TreeSet<String> masked = new TreeSet<>();
    for (RunStarted start : strongerLast(byWriter)) {
      tags.addAll(start.getTags());
      masked.addAll(start.getMaskedKeys());
      all.setNotes(start.getNotes() == null ? all.getNotes() : start.getNotes());
      all.setResumedFromStep(
          start.getResumedFromStep() == null
              ? all.getResumedFromStep()
              : start.getResumedFromStep());
    }
    List<RunStarted> configs = OracleConfig.said(strongerLast(byWriter));
    if (!configs.isEmpty()) {
      all.setConfig(OracleConfig.together(configs));
      all.setConfigTruncatedBytes(
          configs.stream()
              .map(start -> BigInteger.valueOf(start.getConfigTruncatedBytes()))
              .reduce(BigInteger.ZERO, BigInteger::add)
              .min(BigInteger.valueOf(Long.MAX_VALUE))
              .longValue());
      all.setConfigSha256(
          configs.stream()
              .map(RunStarted::getConfigSha256)
              .filter(Objects::nonNull)
              .reduce((earlier, later) -> later)
              .orElse(null));
    } else if (byWriter.stream().anyMatch(start -> start.getConfig() != null)) {
      all.setConfig("{}");
    }
    return all.setTags(List.copyOf(tags)).setMaskedKeys(List.copyOf(masked)).build();
  }

  private static boolean isConfig(String json) {
    return json != null && !json.equals("{}");
  }

  /** For each attempt, the lowest step that a newer one continued from. */
  private static NavigableMap<Long, Long> cuts(
      NavigableMap<Long, List<Event>> attempts, NavigableMap<Long, RunStarted> starts) {
    NavigableMap<Long, Long> cuts = new TreeMap<>(attempts.comparator());
    for (long attempt : attempts.keySet()) {
      starts.tailMap(attempt, false).values().stream()
          .map(RunStarted::getResumedFromStep)
          .filter(Objects::nonNull)
          .min(Comparator.naturalOrder())
          .ifPresent(step -> cuts.put(attempt, step));
    }
    return cuts;
  }

  /** The operator's last word, else an observed bad end, else the end that the job claims. */
  private static Status status(boolean started, List<Event> events) {
    List<Event> changes =
        events.stream().filter(event -> event.payload() instanceof RunStatusChanged).toList();
    NavigableMap<String, SlurmJobObserved> jobs = new TreeMap<>();
    said(events, SlurmJobObserved.class)
        .forEach(job -> jobs.put(job.getCluster() + " %019d".formatted(job.getJobId()), job));
    Integer exitCode =
        said(events, RunStatusChanged.class).stream()
            .map(RunStatusChanged::getExitCode)
            .filter(Objects::nonNull)
            .reduce((earlier, later) -> later)
            .orElse(null);
    Optional<Event> claim =
        last(changes, "job", ANY).filter(event -> ENDS.contains(word(event).getStatus()));
    Optional<Instant> completed =
        claim.filter(event -> word(event).getStatus().equals("completed")).map(Event::at);
    Optional<SlurmJobObserved> bad =
        jobs.values().stream()
            .filter(job -> BAD_STATES.contains(stateWord(job)))
            .filter(job -> last(changes, "wrapper", "completed").isEmpty())
            .filter(
                job ->
                    completed.isEmpty()
                        || job.getEndTime() == null
                        || job.getEndTime().getEpochSecond() * 1_000_000 - micros(completed.get())
                            <= 60_000_000)
            .reduce((earlier, later) -> later);
    Optional<SlurmJobObserved> requeued =
        jobs.values().stream()
            .filter(job -> REQUEUED_STATES.contains(stateWord(job)))
            .filter(job -> completed.isEmpty() && last(changes, "wrapper", "completed").isEmpty())
            .reduce((earlier, later) -> later);
    boolean failed = bad.isPresent() && stateWord(bad.get()).equals("FAILED");
    return last(changes, "operator", ANY)
        .map(event -> said(event, exitCode, "operator"))
        .or(() -> last(changes, "scheduler", BAD).map(e -> said(e, exitCode, "scheduler")))
        .or(() -> bad.filter(job -> !failed).map(job -> observed(job, exitCode)))
        .or(() -> requeued.map(job -> observed(job, exitCode)))
        .or(() -> last(changes, "wrapper", BAD).map(event -> said(event, exitCode, "wrapper")))
        .or(
            () ->
                claim
                    .filter(event -> BAD.contains(word(event).getStatus()))
                    .map(event -> said(event, exitCode, "job")))
        .or(() -> bad.map(job -> observed(job, exitCode)))
        .or(() -> claim.map(event -> said(event, exitCode, "job")))
        .or(() -> last(changes, "wrapper", ENDS).map(event -> said(event, exitCode, "wrapper")))
        .or(() -> last(changes, "observer", BAD).map(event -> said(event, exitCode, "observer")))
        .or(
            () ->
                changes.stream()
                    .reduce((earlier, later) -> later)
                    .map(event -> said(event, exitCode, "last")))
        .orElse(
            new Status(
                started ? "running" : "pending",
                null,
                null,
                null,
                null,
                started ? "started" : "nothing"));
  }

  private static final String BAD = "failed timeout";
  private static final String ENDS = "completed failed timeout";
  private static final String ANY = "pending running completed failed timeout";
  private static final List<String> BAD_STATES =
      List.of(
          ("BOOT_FAIL CANCELLED DEADLINE FAILED LAUNCH_FAILED NODE_FAIL OUT_OF_MEMORY PREEMPTED"
                  + " REVOKED TIMEOUT")
              .split(" ", -1));
  private static final List<String> REQUEUED_STATES =
      List.of("REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT");

  private static RunStatusChanged word(Event event) {
    return (RunStatusChanged) event.payload();
  }

  private static String stateWord(SlurmJobObserved job) {
    return job.getState().strip().split("[ +]", 2)[0].toUpperCase(Locale.ROOT);
  }

  private static Status said(Event event, Integer lastExitCode, String rule) {
    RunStatusChanged word = word(event);
    return new Status(
        word.getStatus(),
        word.getReason(),
        word.getSource(),
        word.getExitCode() == null ? lastExitCode : word.getExitCode(),
        ENDS.contains(word.getStatus()) ? event.at() : null,
        rule);
  }

  private static Status observed(SlurmJobObserved job, Integer lastExitCode) {
    String state = stateWord(job);
    boolean ended = BAD_STATES.contains(state);
    boolean signal = job.getExitSignal() != null && job.getExitSignal() != 0;
    Integer code = signal ? Integer.valueOf(128 + job.getExitSignal()) : job.getExitCode();
    Instant end =
        job.getEndTime() == null ? null : job.getEndTime().truncatedTo(ChronoUnit.SECONDS);
    return new Status(
        !ended
            ? "pending"
            : state.equals("TIMEOUT") || state.equals("DEADLINE") ? "timeout" : "failed",
        state,
        "scheduler",
        lastExitCode == null || lastExitCode == 0 ? code : lastExitCode,
        ended ? end : null,
        "slurm");
  }

  private static Optional<Event> last(List<Event> changes, String source, String statuses) {
    return changes.stream()
        .filter(event -> word(event).getSource().equals(source))
        .filter(event -> List.of(statuses.split(" ", -1)).contains(word(event).getStatus()))
        .reduce((earlier, later) -> later);
  }

  private void attempt(
      List<Event> events,
      int ordinal,
      RunStarted start,
      Instant at,
      Long cut,
      boolean drift,
      Status status) {
    Optional<Event> beat =
        events.stream()
            .filter(event -> event.payload() instanceof Heartbeat)
            .max(
                Comparator.comparing(Event::at)
                    .thenComparing(event -> ((Heartbeat) event.payload()).getIntervalSeconds()));
    add(
        "run_attempts",
        row(events.get(0).run(), events.get(0).attempt(), ordinal, micros(at)),
        start == null
            ? "null|0|null|null|[]|[]"
            : fields(start, "config config_truncated_bytes config_sha256 notes tags masked_keys"),
        fields(start, "host user pid command git_commit git_dirty resumed_from_step"),
        beat.map(event -> micros(event.at())).orElse(null),
        beat.map(event -> ((Heartbeat) event.payload()).getIntervalSeconds()).orElse(null),
        said(events, EventsDropped.class).stream()
            .map(dropped -> BigInteger.valueOf(dropped.getCount()))
            .reduce(BigInteger.ZERO, BigInteger::add)
            .min(BigInteger.valueOf(Long.MAX_VALUE)),
        cut,
        flag(drift),
        row(status.word(), status.reason(), status.source(), status.exitCode()),
        micros(status.end()),
        status.rule());
  }

  private void facts(List<Event> events) {
    List<Event> configs =
        events.stream()
            .filter(
                e ->
                    e.payload() instanceof RunStarted s && !OracleConfig.said(List.of(s)).isEmpty())
            .toList();
    if (configs.size() > 1) {
      for (Event e : configs) {
        add(
            "start_configs",
            row(e.run(), e.attempt(), e.writer(), e.seq()),
            fields((RunStarted) e.payload(), "source config config_truncated_bytes config_sha256"));
      }
    }
    for (Event e : events) {
      String key = row(e.run(), e.attempt(), e.writer(), e.seq());
      if (e.payload() instanceof RunStatusChanged s) {
        add("run_status_changes", key, micros(e.at()), fields(s, "status exit_code reason source"));
      } else if (e.payload() instanceof RunAnnotated a) {
        add(
            "run_annotations",
            key,
            micros(e.at()),
            fields(a, "notes tags_added tags_removed name"));
      } else if (e.payload() instanceof RunDeleted d) {
        add("run_deletions", key, micros(e.at()), 1, d.getReason());
      } else if (e.payload() instanceof RunRestored r) {
        add("run_deletions", key, micros(e.at()), 0, r.getReason());
      } else if (e.payload() instanceof EventsDropped d) {
        add("dropped_events", key, micros(e.at()), fields(d, "topic count reason"));
      } else if (e.payload() instanceof ResultsRecorded r) {
        add("run_results", key, r.getResults(), text(e.at()));
      } else if (e.payload() instanceof ArtifactLogged a) {
        String said = fields(a, "artifact_type filepath size_bytes sha256 metadata");
        add("artifacts", key, said, text(e.at()));
      } else if (e.payload() instanceof ErrorLogged r) {
        String said = fields(r, "exception_type message traceback truncated_bytes sha256 step");
        add("run_errors", key, said, text(e.at()));
      }
    }
  }

  /** Of each SLURM job of an attempt, the lowest report and over it the highest observation. */
  private void jobs(List<Event> events) {
    NavigableMap<String, SlurmReference> reports = new TreeMap<>();
    NavigableMap<String, SlurmJobObserved> observations = new TreeMap<>();
    for (Event event : events) {
      if (event.payload() instanceof RunStarted start && start.getSlurm() != null) {
        SlurmReference job = start.getSlurm();
        reports.putIfAbsent(row(job.getCluster(), job.getJobId()), job);
      } else if (event.payload() instanceof SlurmJobObserved job) {
        observations.put(row(job.getCluster(), job.getJobId()), job);
      }
    }
    TreeSet<String> all = new TreeSet<>(reports.keySet());
    all.addAll(observations.keySet());
    for (String place : all) {
      SlurmReference said = reports.get(place);
      SlurmJobObserved seen = observations.get(place);
      String both = "array_job_id array_task_id restart_count job_name nodes partition account qos";
      boolean allocationSeen = seen != null && !seen.getAllocated().isEmpty();
      add(
          "slurm_jobs",
          row(events.get(0).run(), events.get(0).attempt(), place),
          Arrays.stream(both.split(" ", -1))
              .map(field -> String.valueOf(orElse(get(seen, field), get(said, field))))
              .collect(Collectors.joining("|")),
          fields(seen, "requested"),
          fields(allocationSeen ? seen : said, "allocated"),
          fields(seen, "state reason exit_code exit_signal derived_exit_code"),
          fields(seen, "submit_time start_time end_time time_limit_seconds"));
    }
  }

  private static String name(RunStarted start) {
    RunKeyParts key = start.getKey();
    return start.getName() != null || key == null
        ? start.getName()
        : RunKey.of(
                key.getExperiment(),
                key.getDataset(),
                key.getMethod(),
                key.getSubject(),
                key.getClInfo(),
                key.getSeed())
            .displayName();
  }

  /** Id and array task of the highest (cluster, job) of an attempt. */
  private static String newestJob(List<Event> events) {
    NavigableMap<String, NavigableMap<Long, String>> tasks = new TreeMap<>();
    for (Event event : events) {
      if (event.payload() instanceof RunStarted start && start.getSlurm() != null) {
        SlurmReference job = start.getSlurm();
        tasks
            .computeIfAbsent(job.getCluster(), any -> new TreeMap<>())
            .putIfAbsent(job.getJobId(), fields(job, "array_task_id"));
      }
    }
    for (SlurmJobObserved job : said(events, SlurmJobObserved.class)) {
      tasks
          .computeIfAbsent(job.getCluster(), any -> new TreeMap<>())
          .merge(
              job.getJobId(),
              fields(job, "array_task_id"),
              (before, now) -> now.equals("null") ? before : now);
    }
    return tasks.isEmpty()
        ? "null|null"
        : row(
            tasks.lastEntry().getValue().lastKey(),
            tasks.lastEntry().getValue().lastEntry().getValue());
  }

  /** A point of a metric, in the order of attempt, writer and seq. */
  private record Point(long attempt, Long step, Double epoch, double value) {}

  private void points(
      long run, List<Event> events, NavigableMap<Long, Long> cuts, Comparator<Long> causal) {
    NavigableMap<String, List<Point>> standing = new TreeMap<>();
    List<Event> ordered = new ArrayList<>(events);
    ordered.sort(Comparator.comparing(Event::attempt, causal).thenComparing(BY_WRITER));
    for (Event event : ordered) {
      if (event.payload() instanceof MetricRow call) {
        Long cut = cuts.get(event.attempt());
        boolean stands = cut == null || call.getStep() == null || call.getStep() < cut;
        call.getValues()
            .forEach(
                (name, value) -> {
                  add(
                      "metric_points",
                      run,
                      name,
                      event.attempt(),
                      event.writer(),
                      event.seq(),
                      call.getStep(),
                      epoch(call.getEpoch()),
                      micros(event.at()),
                      number(call.getElapsedSeconds()),
                      number(value));
                  if (stands) {
                    standing
                        .computeIfAbsent(name, any -> new ArrayList<>())
                        .add(
                            new Point(
                                event.attempt(), call.getStep(), finite(call.getEpoch()), value));
                  }
                });
      }
    }
    standing.forEach((name, points) -> summary(run, name, points));
  }

  private void summary(long run, String name, List<Point> points) {
    Point none = new Point(0, null, null, Double.NaN);
    Point min = none;
    Point max = none;
    for (Point point : points) {
      // Of equal values the first stays; NaN is neither smaller nor larger than anything.
      min = Double.isNaN(min.value()) || point.value() < min.value() ? better(point, min) : min;
      max = Double.isNaN(max.value()) || point.value() > max.value() ? better(point, max) : max;
    }
    Point last = points.get(points.size() - 1);
    add(
        "metric_summaries",
        run,
        name,
        points.size(),
        points.stream().filter(point -> Double.isNaN(point.value())).count(),
        number(min.value()),
        min.step(),
        epoch(min.epoch()),
        number(max.value()),
        max.step(),
        epoch(max.epoch()),
        number(last.value()),
        last.step(),
        epoch(last.epoch()),
        epoch(
            points.stream()
                .map(Point::epoch)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElse(null)));
  }

  private static Double finite(Double epoch) {
    return epoch == null || epoch.isNaN() || epoch.isInfinite() ? null : epoch;
  }

  /** Whole ones as whole numbers. */
  private static Object epoch(Double epoch) {
    Double known = finite(epoch);
    return known != null && known == known.longValue() && known < 0x1p63
        ? (Object) known.longValue()
        : known;
  }

  private static Point better(Point candidate, Point known) {
    return Double.isNaN(candidate.value()) ? known : candidate;
  }

  private void streams(List<Event> events) {
    grouped(
            events,
            event -> row(event.run(), event.attempt(), event.writer(), event.topic().streamName()))
        .forEach(
            (stream, all) -> {
              TreeSet<Long> seqs = new TreeSet<>(all.stream().map(Event::seq).toList());
              List<String> ranges = new ArrayList<>();
              for (long first : seqs) {
                if (!seqs.contains(first - 1)) {
                  long last = first;
                  while (seqs.contains(last + 1)) {
                    last++;
                  }
                  ranges.add(first + "-" + last);
                }
              }
              add("event_streams", stream, String.join(",", ranges), seqs.size(), seqs.last());
            });
  }

  private static final Comparator<Event> BY_WRITER =
      Comparator.comparing(Event::writer).thenComparing(Event::seq);

  private static <K> NavigableMap<K, List<Event>> grouped(
      Collection<Event> events, Function<Event, K> by) {
    NavigableMap<K, List<Event>> groups = new TreeMap<>();
    events.forEach(
        event -> groups.computeIfAbsent(by.apply(event), any -> new ArrayList<>()).add(event));
    return groups;
  }

  private static <T> List<T> said(List<Event> events, Class<T> kind) {
    return events.stream().map(Event::payload).filter(kind::isInstance).map(kind::cast).toList();
  }

  private void add(String table, Object... values) {
    lines.get(table).add(row(values));
  }
}
