package io.runledger.agent.slurm;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The jobs that runs refer to, and what was reported of each of their attempts. Given a reference
 * or an answer of SLURM, it returns what is new. If a job was requeued, each start is another
 * attempt. Once new facts are stored, call {@link #reported} and {@link #settle}; what was not
 * stored is new again. Not thread-safe; holds no more ended jobs than {@link #KEPT_ENDED}.
 */
final class KnownJobs {

  /** Ended jobs that are remembered for references that come late, from a spool sent afterwards. */
  static final int KEPT_ENDED = 10_000;

  /** A job that just started may be missing from one answer. */
  private static final int MISSING_IN_A_ROW = 2;

  /**
   * Allowed difference between the clock of a node and that of slurmctld; a requeued job starts no
   * sooner than its credential expires, two minutes by default.
   */
  private static final Duration CLOCKS = Duration.ofSeconds(30);

  private final Map<Long, Job> jobs = new LinkedHashMap<>();

  /** Jobs about which SLURM need not be asked again once what is new is stored. */
  private final Set<Long> closing = new LinkedHashSet<>();

  /** A job with its attempts, by run and attempt. */
  private static final class Job {
    private final Map<String, Reported> attempts = new TreeMap<>();
    private Optional<SlurmJob> end = Optional.empty();
    private boolean open;
    private int missing;

    private int newestStart() {
      return attempts.values().stream()
          .mapToInt(reported -> reported.reference.restartCount())
          .max()
          .orElse(0);
    }
  }

  /** An attempt, and what was last reported of it. */
  private static final class Reported {
    private final Reference reference;
    private String fingerprint;
    private boolean ended;
    private Optional<Instant> started = Optional.empty();

    private Reported(Reference reference, String fingerprint, boolean ended) {
      this.reference = reference;
      this.fingerprint = fingerprint;
      this.ended = ended;
    }
  }

  /**
   * An attempt of an open job, as it is kept in a file.
   *
   * @param fingerprint fingerprint of what was reported last, empty when nothing was
   * @param ended whether an end was reported
   */
  record Kept(Reference reference, String fingerprint, boolean ended) {}

  /** What must survive a restart. */
  List<Kept> kept() {
    return jobs.values().stream()
        .filter(job -> job.open)
        .flatMap(job -> job.attempts.values().stream())
        .map(reported -> new Kept(reported.reference, reported.fingerprint, reported.ended))
        .toList();
  }

  /** Restores what {@link #kept} returned. */
  void restore(Collection<Kept> attempts) {
    for (Kept kept : attempts) {
      Job job = job(kept.reference().jobId());
      job.open = true;
      job.attempts.put(
          key(kept.reference()), new Reported(kept.reference(), kept.fingerprint(), kept.ended()));
    }
  }

  /** Jobs that have not ended, as far as is known. */
  List<Long> open() {
    return jobs.entrySet().stream()
        .filter(entry -> entry.getValue().open)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Jobs that SLURM's queue has forgotten before their end was seen. */
  List<Long> vanished() {
    return open().stream().filter(id -> jobs.get(id).missing >= MISSING_IN_A_ROW).toList();
  }

  /** A run refers to a job; returns what is to be reported when its end is known already. */
  List<Observation> refer(Reference reference) {
    Job job = job(reference.jobId());
    Reported reported =
        job.attempts.computeIfAbsent(key(reference), key -> new Reported(reference, "", false));
    if (job.end.isEmpty() || isAfter(reference, job.end.get())) {
      // Not known to have ended, or started again since, perhaps as another job with a reused id.
      job.open = true;
      job.end = Optional.empty();
      job.missing = 0;
      return List.of();
    }
    job.open = true;
    closing.add(reference.jobId());
    return ofStart(job, reported, job.end.get()).stream().toList();
  }

  /**
   * The queue's answer about jobs that are open.
   *
   * @param asked the jobs it was asked about
   * @param answer those that it knows
   */
  List<Observation> queued(Collection<Long> asked, Collection<SlurmJob> answer) {
    Map<Long, SlurmJob> found =
        answer.stream()
            .collect(Collectors.toMap(SlurmJob::jobId, job -> job, (one, other) -> other));
    closing.clear();
    List<Observation> news = new ArrayList<>();
    for (long id : asked) {
      Job job = jobs.get(id);
      if (job == null || !job.open) {
        continue;
      }
      SlurmJob seen = found.get(id);
      if (seen == null) {
        job.missing++;
        continue;
      }
      job.missing = 0;
      // A referenced job has started; if it waits now, it was requeued after that start.
      news.addAll(seen.isWaiting() ? ofTakenBackStarts(job, seen) : ofStarts(job, seen));
      closeIfEnded(job, seen);
    }
    return news;
  }

  /**
   * The accounting's answer about jobs that the queue has forgotten: all starts of each job, in
   * their order. A job of which it knows nothing, or no end, is given up: what its runs reported
   * remains.
   */
  List<Observation> accounted(Collection<Long> asked, Collection<SlurmJob> answer) {
    Map<Long, List<SlurmJob>> starts =
        answer.stream().collect(Collectors.groupingBy(SlurmJob::jobId));
    closing.clear();
    List<Observation> news = new ArrayList<>();
    for (long id : asked) {
      Job job = jobs.get(id);
      if (job == null || !job.open) {
        continue;
      }
      List<SlurmJob> found = starts.getOrDefault(id, job.end.map(List::of).orElseGet(List::of));
      for (Reported reported : job.attempts.values()) {
        int start = Math.min(reported.reference.restartCount(), found.size() - 1);
        if (start >= 0) {
          news(reported, found.get(start)).ifPresent(news::add);
        }
      }
      if (!found.isEmpty()) {
        closeIfEnded(job, found.get(found.size() - 1));
      }
      closing.add(id);
    }
    return news;
  }

  /** SLURM's own report on a job, or on one start of it, that is over; asked for or not. */
  List<Observation> completed(SlurmJob over) {
    closing.clear();
    Job job = job(over.jobId());
    if (over.isWaiting()) {
      return ofTheStartThatIsOver(job, over);
    }
    // slurmctld pushes the exit code and no reason, squeue gives the reason and no exit code.
    SlurmJob end = job.end.map(over::withReasonOf).orElse(over);
    closeIfEnded(job, end);
    return ofStarts(job, end);
  }

  /** The observation is stored, and no longer new. */
  void reported(Observation observation) {
    Job job = jobs.get(observation.reference().jobId());
    Reported reported = job == null ? null : job.attempts.get(key(observation.reference()));
    if (reported != null) {
      reported.fingerprint = observation.job().fingerprint();
      reported.ended = observation.job().hasEnded();
      reported.started = observation.job().startTime();
    }
  }

  /** Everything new is stored: SLURM need not be asked about finished jobs again. */
  void settle() {
    for (long id : closing) {
      // Put in again, as the youngest of those that have ended.
      Job job = jobs.remove(id);
      job.open = false;
      jobs.put(id, job);
    }
    closing.clear();
    forgetOldest();
  }

  private static List<Observation> ofStarts(Job job, SlurmJob seen) {
    return job.attempts.values().stream()
        .flatMap(reported -> ofStart(job, reported, seen).stream())
        .toList();
  }

  /** What SLURM says belongs to the newest start; the job was requeued after earlier ones. */
  private static Optional<Observation> ofStart(Job job, Reported reported, SlurmJob seen) {
    boolean newest =
        reported.reference.restartCount() == job.newestStart()
            && !isBefore(reported.reference, seen);
    return newest ? news(reported, seen) : ofTakenBackStart(reported, seen);
  }

  private static List<Observation> ofTakenBackStarts(Job job, SlurmJob seen) {
    return job.attempts.values().stream()
        .flatMap(reported -> ofTakenBackStart(reported, seen).stream())
        .toList();
  }

  private static Optional<Observation> ofTakenBackStart(Reported reported, SlurmJob seen) {
    return reported.ended
        ? Optional.empty()
        : news(reported, seen.requeued(reported.started, Optional.empty()));
  }

  private static List<Observation> ofTheStartThatIsOver(Job job, SlurmJob over) {
    return job.attempts.values().stream()
        .filter(
            reported -> !isBefore(reported.reference, over) && !isAfter(reported.reference, over))
        .flatMap(
            reported -> news(reported, over.requeued(over.startTime(), over.endTime())).stream())
        .toList();
  }

  private static boolean isBefore(Reference reference, SlurmJob start) {
    return start
        .startTime()
        .map(began -> reference.startedAt().isBefore(began.minus(CLOCKS)))
        .orElse(false);
  }

  private static boolean isAfter(Reference reference, SlurmJob end) {
    return end.endTime()
        .map(ended -> reference.startedAt().isAfter(ended.plus(CLOCKS)))
        .orElse(false);
  }

  private static Optional<Observation> news(Reported reported, SlurmJob job) {
    return reported.fingerprint.equals(job.fingerprint())
        ? Optional.empty()
        : Optional.of(new Observation(reported.reference, job));
  }

  private void closeIfEnded(Job job, SlurmJob seen) {
    if (!seen.hasEnded() || seen.isWaiting()) {
      return;
    }
    job.end = Optional.of(seen);
    closing.add(seen.jobId());
  }

  private void forgetOldest() {
    List<Long> ended =
        jobs.size() <= KEPT_ENDED
            ? List.of()
            : jobs.entrySet().stream()
                .filter(entry -> !entry.getValue().open)
                .map(Map.Entry::getKey)
                .toList();
    ended.stream().limit(Math.max(0, ended.size() - KEPT_ENDED)).forEach(jobs::remove);
  }

  private Job job(long id) {
    return jobs.computeIfAbsent(id, unknown -> new Job());
  }

  private static String key(Reference reference) {
    return reference.run() + "/" + reference.attempt();
  }
}
