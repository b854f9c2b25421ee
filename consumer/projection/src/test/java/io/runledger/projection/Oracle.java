package io.runledger.projection;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;

/**
 * What a database must hold, told a second time: from all events at once, in plain collections,
 * without SQL and without the product's fold. The rules are those of the page on the database.
 *
 * <p>{@link OracleDump} reads the same lines from a database. Left out are ids that follow from an
 * event's identity, series (whose points and summaries are here), and what the log adds: positions,
 * dead letters, gaps.
 */
public final class Oracle {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final NavigableMap<String, List<String>> lines = new TreeMap<>();

  private Oracle() {}

  /** An event, wherever it was packed: its identity, its time, and what it says. */
  private record Event(
      long run, long attempt, long writer, Topics topic, long seq, Instant at, Object says) {
    private String identity() {
      return row(run, attempt, writer, topic, seq);
    }
  }

  /** What was said about the status of an attempt in the end. */
  private record Status(String word, String reason, String source, Integer exitCode, Instant end) {}

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
      return Stream.of(
          new Event(
              e.getRunId(),
              e.getAttemptId(),
              e.getWriterId(),
              Topics.RUNS,
              e.getSeq(),
              e.getAt(),
              e.getEvent()));
    }
    if (record instanceof ErrorLogged e) {
      return Stream.of(
          new Event(
              e.getRunId(),
              e.getAttemptId(),
              e.getWriterId(),
              Topics.ERRORS,
              e.getSeq(),
              e.getAt(),
              e));
    }
    SlurmJobObserved e = (SlurmJobObserved) record;
    return Stream.of(
        new Event(
            e.getRunId(),
            e.getAttemptId(),
            e.getWriterId(),
            Topics.SLURM,
            e.getSeq(),
            e.getAt(),
            e));
  }

  private static Event metric(MetricsLogged e, long seq, MetricRow row) {
    return new Event(
        e.getRunId(), e.getAttemptId(), e.getWriterId(), Topics.METRICS, seq, row.getAt(), row);
  }

  private void run(List<Event> events) {
    NavigableMap<Long, List<Event>> attempts = grouped(events, Event::attempt);
    attempts.values().forEach(list -> list.sort(BY_WRITER));
    NavigableMap<Long, RunStarted> starts = new TreeMap<>();
    NavigableMap<Long, Instant> startTimes = new TreeMap<>();
    attempts.forEach(
        (attempt, list) ->
            list.stream()
                .filter(event -> event.says() instanceof RunStarted)
                .findFirst()
                .ifPresent(
                    event -> {
                      starts.put(attempt, (RunStarted) event.says());
                      startTimes.put(attempt, event.at());
                    }));
    RunStarted first = starts.isEmpty() ? new RunStarted() : starts.firstEntry().getValue();
    NavigableMap<Long, Long> cuts = cuts(attempts, starts);
    boolean drift = false;
    Status status = null;
    TreeSet<String> tags = new TreeSet<>();
    String notes = null;
    for (Map.Entry<Long, List<Event>> entry : attempts.entrySet()) {
      long attempt = entry.getKey();
      RunStarted start = starts.get(attempt);
      boolean drifted =
          start != null
              && start.getConfig() != null
              && !sameJson(start.getConfig(), first.getConfig());
      drift |= drifted;
      status = status(start != null, entry.getValue());
      if (start != null) {
        tags.addAll(start.getTags());
        notes = start.getNotes() == null ? notes : start.getNotes();
      }
      for (RunAnnotated annotation : said(entry.getValue(), RunAnnotated.class)) {
        notes = annotation.getNotes() == null ? notes : annotation.getNotes();
        tags.removeAll(annotation.getTagsRemoved());
        tags.addAll(annotation.getTagsAdded());
      }
      attempt(entry.getValue(), start, startTimes.get(attempt), cuts.get(attempt), drifted, status);
      facts(entry.getValue());
      jobs(entry.getValue());
    }
    long run = events.get(0).run();
    Optional<Object> lastDeletion =
        attempts.values().stream()
            .flatMap(List::stream)
            .map(Event::says)
            .filter(says -> says instanceof RunDeleted || says instanceof RunRestored)
            .reduce((earlier, later) -> later);
    List<Object> job = newestJob(attempts.lastEntry().getValue());
    RunKeyParts key = Optional.ofNullable(first.getKey()).orElseGet(RunKeyParts::new);
    String name =
        first.getName() != null || first.getKey() == null
            ? first.getName()
            : RunKey.of(
                    key.getExperiment(),
                    key.getDataset(),
                    key.getMethod(),
                    key.getSubject(),
                    key.getClInfo(),
                    key.getSeed())
                .displayName();
    add(
        "experiment_runs",
        run,
        starts.isEmpty() ? "unknown" : first.getKey() == null ? "instance" : "key",
        key.getExperiment(),
        key.getDataset(),
        key.getMethod(),
        key.getSubject(),
        key.getClInfo(),
        key.getSeed(),
        first.getProject(),
        name,
        first.getConfig(),
        flag(drift),
        notes,
        json(tags),
        status.word(),
        status.reason(),
        status.source(),
        status.exitCode(),
        attempts.size(),
        attempts.firstKey(),
        attempts.lastKey(),
        flag(lastDeletion.filter(says -> says instanceof RunDeleted).isPresent()),
        text(starts.isEmpty() ? null : startTimes.firstEntry().getValue()),
        text(startTimes.get(attempts.lastKey())),
        text(status.end()),
        job.get(0),
        job.get(1));
    points(run, events, cuts);
    streams(events);
  }

  /** For each attempt, the lowest step that a newer one went on from. */
  private static NavigableMap<Long, Long> cuts(
      NavigableMap<Long, List<Event>> attempts, NavigableMap<Long, RunStarted> starts) {
    NavigableMap<Long, Long> cuts = new TreeMap<>();
    for (long attempt : attempts.keySet()) {
      starts.tailMap(attempt, false).values().stream()
          .map(RunStarted::getResumedFromStep)
          .filter(Objects::nonNull)
          .min(Comparator.naturalOrder())
          .ifPresent(step -> cuts.put(attempt, step));
    }
    return cuts;
  }

  /** The operator's last word, else an observed bad end, else the last of all that was said. */
  private static Status status(boolean started, List<Event> events) {
    List<Event> changes =
        events.stream().filter(event -> event.says() instanceof RunStatusChanged).toList();
    Optional<Event> deciding =
        last(changes, "operator", "pending running completed failed timeout")
            .or(() -> last(changes, "scheduler", "failed timeout"))
            .or(() -> last(changes, "wrapper", "failed timeout"))
            .or(() -> changes.stream().reduce((earlier, later) -> later));
    if (deciding.isEmpty()) {
      return new Status(started ? "running" : "pending", null, null, null, null);
    }
    RunStatusChanged word = (RunStatusChanged) deciding.get().says();
    Integer exitCode =
        Optional.ofNullable(word.getExitCode())
            .or(
                () ->
                    said(events, RunStatusChanged.class).stream()
                        .map(RunStatusChanged::getExitCode)
                        .filter(Objects::nonNull)
                        .reduce((earlier, later) -> later))
            .orElse(null);
    boolean ended = !List.of("pending", "running").contains(word.getStatus());
    return new Status(
        word.getStatus(),
        word.getReason(),
        word.getSource(),
        exitCode,
        ended ? deciding.get().at() : null);
  }

  private static Optional<Event> last(List<Event> changes, String source, String statuses) {
    return changes.stream()
        .filter(event -> ((RunStatusChanged) event.says()).getSource().equals(source))
        .filter(
            event ->
                List.of(statuses.split(" ", -1))
                    .contains(((RunStatusChanged) event.says()).getStatus()))
        .reduce((earlier, later) -> later);
  }

  private void attempt(
      List<Event> events, RunStarted given, Instant at, Long cut, boolean drift, Status status) {
    RunStarted start = Optional.ofNullable(given).orElseGet(RunStarted::new);
    Optional<Event> beat =
        events.stream()
            .filter(event -> event.says() instanceof Heartbeat)
            .max(
                Comparator.comparing(Event::at)
                    .thenComparing(event -> ((Heartbeat) event.says()).getIntervalSeconds()));
    add(
        "run_attempts",
        events.get(0).run(),
        events.get(0).attempt(),
        micros(at),
        start.getConfig(),
        start.getConfigTruncatedBytes(),
        start.getConfigSha256(),
        start.getNotes(),
        json(given == null ? new TreeSet<>() : new TreeSet<>(given.getTags())),
        start.getHost(),
        start.getUser(),
        start.getPid(),
        start.getCommand(),
        start.getGitCommit(),
        start.getGitDirty() == null ? null : flag(start.getGitDirty()),
        start.getResumedFromStep(),
        beat.map(event -> micros(event.at())).orElse(null),
        beat.map(event -> ((Heartbeat) event.says()).getIntervalSeconds()).orElse(null),
        said(events, EventsDropped.class).stream().mapToLong(EventsDropped::getCount).sum(),
        cut,
        flag(drift),
        status.word(),
        status.reason(),
        status.source(),
        status.exitCode(),
        micros(status.end()));
  }

  private void facts(List<Event> events) {
    for (Event e : events) {
      String key = row(e.run(), e.attempt(), e.writer(), e.seq());
      if (e.says() instanceof RunStatusChanged s) {
        add(
            "run_status_changes",
            key,
            micros(e.at()),
            s.getStatus(),
            s.getExitCode(),
            s.getReason(),
            s.getSource());
      } else if (e.says() instanceof RunAnnotated a) {
        add(
            "run_annotations",
            key,
            micros(e.at()),
            a.getNotes(),
            json(new TreeSet<>(a.getTagsAdded())),
            json(new TreeSet<>(a.getTagsRemoved())));
      } else if (e.says() instanceof RunDeleted d) {
        add("run_deletions", key, micros(e.at()), 1, d.getReason());
      } else if (e.says() instanceof RunRestored r) {
        add("run_deletions", key, micros(e.at()), 0, r.getReason());
      } else if (e.says() instanceof EventsDropped d) {
        add("dropped_events", key, micros(e.at()), d.getTopic(), d.getCount(), d.getReason());
      } else if (e.says() instanceof ResultsRecorded r) {
        add("run_results", key, r.getResults(), text(e.at()));
      } else if (e.says() instanceof ArtifactLogged a) {
        add(
            "artifacts",
            key,
            a.getArtifactType(),
            a.getFilepath(),
            a.getSizeBytes(),
            a.getSha256(),
            a.getMetadata(),
            text(e.at()));
      } else if (e.says() instanceof ErrorLogged r) {
        add(
            "run_errors",
            key,
            r.getExceptionType(),
            r.getMessage(),
            r.getTraceback(),
            r.getTruncatedBytes(),
            r.getSha256(),
            r.getStep(),
            text(e.at()));
      }
    }
  }

  /** Of each SLURM job of an attempt, the lowest report and over it the highest observation. */
  private void jobs(List<Event> events) {
    NavigableMap<String, SlurmReference> reports = new TreeMap<>();
    NavigableMap<String, SlurmJobObserved> observations = new TreeMap<>();
    for (Event event : events) {
      if (event.says() instanceof RunStarted start && start.getSlurm() != null) {
        SlurmReference job = start.getSlurm();
        reports.putIfAbsent(row(job.getCluster(), job.getJobId()), job);
      } else if (event.says() instanceof SlurmJobObserved job) {
        observations.put(row(job.getCluster(), job.getJobId()), job);
      }
    }
    TreeSet<String> all = new TreeSet<>(reports.keySet());
    all.addAll(observations.keySet());
    for (String place : all) {
      SlurmReference said = Optional.ofNullable(reports.get(place)).orElseGet(SlurmReference::new);
      SlurmJobObserved seen = observations.get(place);
      SlurmJobObserved o = Optional.ofNullable(seen).orElseGet(SlurmJobObserved::new);
      Map<String, String> allocated =
          seen != null && !seen.getAllocated().isEmpty()
              ? seen.getAllocated()
              : reports.containsKey(place) ? said.getAllocated() : null;
      add(
          "slurm_jobs",
          row(events.get(0).run(), events.get(0).attempt()),
          place,
          either(o.getArrayJobId(), said.getArrayJobId()),
          either(o.getArrayTaskId(), said.getArrayTaskId()),
          seen == null ? said.getRestartCount() : seen.getRestartCount(),
          either(o.getJobName(), said.getJobName()),
          either(o.getNodes(), said.getNodes()),
          either(o.getPartition(), said.getPartition()),
          either(o.getAccount(), said.getAccount()),
          either(o.getQos(), said.getQos()),
          seen == null ? null : json(new TreeMap<>(seen.getRequested())),
          allocated == null ? null : json(new TreeMap<>(allocated)),
          o.getState(),
          o.getReason(),
          o.getExitCode(),
          o.getExitSignal(),
          o.getDerivedExitCode(),
          text(o.getSubmitTime()),
          text(o.getStartTime()),
          text(o.getEndTime()),
          o.getTimeLimitSeconds());
    }
  }

  /** Id and array task of the highest (cluster, job) of an attempt. */
  private static List<Object> newestJob(List<Event> events) {
    NavigableMap<String, NavigableMap<Long, Object>> tasks = new TreeMap<>();
    for (Event event : events) {
      if (event.says() instanceof RunStarted start && start.getSlurm() != null) {
        SlurmReference job = start.getSlurm();
        tasks
            .computeIfAbsent(job.getCluster(), any -> new TreeMap<>())
            .putIfAbsent(job.getJobId(), orNone(job.getArrayTaskId()));
      }
    }
    for (SlurmJobObserved job : said(events, SlurmJobObserved.class)) {
      NavigableMap<Long, Object> ofCluster =
          tasks.computeIfAbsent(job.getCluster(), any -> new TreeMap<>());
      if (job.getArrayTaskId() != null || !ofCluster.containsKey(job.getJobId())) {
        ofCluster.put(job.getJobId(), orNone(job.getArrayTaskId()));
      }
    }
    return tasks.isEmpty()
        ? List.of(NONE, NONE)
        : List.of(
            tasks.lastEntry().getValue().lastKey(),
            tasks.lastEntry().getValue().lastEntry().getValue());
  }

  /** A point of a metric, in the order of attempt, writer and seq. */
  private record Point(long attempt, Long step, Long epoch, double value) {}

  private void points(long run, List<Event> events, NavigableMap<Long, Long> cuts) {
    NavigableMap<String, List<Point>> standing = new TreeMap<>();
    List<Event> ordered = new ArrayList<>(events);
    ordered.sort(Comparator.comparing(Event::attempt).thenComparing(BY_WRITER));
    for (Event event : ordered) {
      if (event.says() instanceof MetricRow call) {
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
                      call.getEpoch(),
                      micros(event.at()),
                      number(call.getElapsedSeconds()),
                      number(value));
                  if (stands) {
                    standing
                        .computeIfAbsent(name, any -> new ArrayList<>())
                        .add(new Point(event.attempt(), call.getStep(), call.getEpoch(), value));
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
        min.epoch(),
        number(max.value()),
        max.step(),
        max.epoch(),
        number(last.value()),
        last.step(),
        last.epoch(),
        points.stream()
            .map(Point::epoch)
            .filter(Objects::nonNull)
            .max(Comparator.naturalOrder())
            .orElse(null));
  }

  private static Point better(Point candidate, Point known) {
    return Double.isNaN(candidate.value()) ? known : candidate;
  }

  private void streams(List<Event> events) {
    grouped(
            events,
            event -> row(event.run(), event.attempt(), event.writer(), event.topic().topic()))
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

  private static final Object NONE = "null";

  private static Object orNone(Object value) {
    return value == null ? NONE : value;
  }

  private static <K> NavigableMap<K, List<Event>> grouped(
      Collection<Event> events, Function<Event, K> by) {
    NavigableMap<K, List<Event>> groups = new TreeMap<>();
    events.forEach(
        event -> groups.computeIfAbsent(by.apply(event), any -> new ArrayList<>()).add(event));
    return groups;
  }

  private static <T> List<T> said(List<Event> events, Class<T> kind) {
    return events.stream().map(Event::says).filter(kind::isInstance).map(kind::cast).toList();
  }

  private void add(String table, Object... values) {
    lines.get(table).add(row(values));
  }

  static String row(Object... values) {
    List<String> texts = new ArrayList<>();
    for (Object value : values) {
      texts.add(String.valueOf(value));
    }
    return String.join("|", texts);
  }

  private static Object either(Object first, Object second) {
    return first == null ? second : first;
  }

  private static int flag(boolean value) {
    return value ? 1 : 0;
  }

  /** A number as the database shows it: it has nothing where there is none, and for NaN. */
  private static Double number(Double value) {
    return value == null || Double.isNaN(value) ? null : value;
  }

  private static Long micros(Instant at) {
    return at == null ? null : at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000;
  }

  private static String text(Instant at) {
    return at == null ? null : at.toString().substring(0, 19).replace('T', ' ');
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean sameJson(String one, String other) {
    try {
      return Objects.equals(one, other)
          || (one != null && other != null && JSON.readTree(one).equals(JSON.readTree(other)));
    } catch (JsonProcessingException cut) {
      return false;
    }
  }
}
