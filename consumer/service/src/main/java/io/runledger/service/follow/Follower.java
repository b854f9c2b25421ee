package io.runledger.service.follow;

import io.runledger.config.Configuration;
import io.runledger.config.FailPoint;
import io.runledger.files.HeldLocks;
import io.runledger.fold.projection.FencedException;
import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.service.alert.AlertFile;
import io.runledger.service.alert.AlertService;
import io.runledger.service.database.InstanceId;
import io.runledger.service.database.LiveProjection;
import io.runledger.service.database.Locations;
import io.runledger.service.deadletters.DeadLetterHandler;
import io.runledger.service.health.AlertCounter;
import io.runledger.service.spool.LinesFileReader;
import io.runledger.service.spool.SpoolFiles;
import io.runledger.service.spool.SpoolLog;
import io.runledger.service.stop.DamagedDatabaseException;
import io.runledger.service.stop.LogUnreadableException;
import io.runledger.service.stop.PositionException;
import io.runledger.service.stop.StopException;
import io.runledger.service.stop.TakenOverException;
import io.runledger.spool.Observer;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import io.runledger.sqlite.file.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a database in step with the files of a spool, by the same fold as the service, and without
 * a broker, a registry or a port. It waits for changes, and costs nothing while there are none.
 * Runs on the thread that calls {@link #run}; {@link #end} may be called from any.
 *
 * <p>Rows and positions change together. The files are the log: none is removed or changed, but for
 * the two lines that end the file of a process that is gone.
 */
public final class Follower implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

  /**
   * Between two looks for processes that are gone, requests of operators, and other generations.
   */
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** Between two looks for files that can be archived. */
  private static final Duration ARCHIVING = Duration.ofSeconds(10);

  /** Whoever repairs a disk should see it resume within seconds. */
  private static final Duration AFTER_TROUBLE = Duration.ofSeconds(2);

  private final ProjectionLocation database;
  private final SpoolFiles files;
  private final FollowedFiles followed;
  private final LiveProjection projection;
  private final DeadLetterHandler handler;
  private final Optional<AlertService> alerts;
  private final Marks marks;
  private final Optional<SpoolArchive> archive;
  private final SpoolWatch watch;
  private final InstantSource clock;
  private final Set<Path> writers = new HashSet<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private Instant nextLook = Instant.EPOCH;
  private Instant nextArchiving = Instant.EPOCH;
  private Instant lastEvent;
  private boolean isInTrouble;
  private boolean wasRemoved;

  private Follower(
      ProjectionLocation database,
      SpoolFiles files,
      FollowedFiles followed,
      LiveProjection projection,
      Optional<SpoolArchive> archive,
      SpoolWatch watch,
      Optional<AlertService> alerts,
      InstantSource clock) {
    this.alerts = alerts;
    this.database = database;
    this.files = files;
    this.followed = followed;
    this.projection = projection;
    this.archive = archive;
    this.watch = watch;
    this.clock = clock;
    this.lastEvent = clock.instant();
    this.handler = new DeadLetterHandler(database, projection, SpoolLog::decode, clock);
    this.marks = new Marks(files.directory());
  }

  /**
   * Opens the database of a configuration, which is created if it is not there, and a spool.
   *
   * @throws io.runledger.fold.projection.ProjectionInUseException when another process writes it
   * @throws PositionException when it was filled from something else
   * @throws io.runledger.config.InvalidConfigurationException when the file of alert rules cannot
   *     be used
   * @throws LogUnreadableException when the spool cannot be read
   */
  public static Follower open(Path spool, Configuration configuration) {
    return open(spool, Optional.empty(), configuration);
  }

  /** The same, which moves files that are applied and complete to a directory. */
  public static Follower open(Path spool, Optional<Path> archive, Configuration configuration) {
    if (Files.exists(spool) && !Files.isDirectory(spool)) {
      throw new LogUnreadableException(
          "The spool %s is not a directory; specify the one that jobs append to with --spool."
              .formatted(spool));
    }
    ProjectionLocation database = Locations.of(configuration);
    Optional<AlertFile> rules = AlertFile.of(configuration);
    LiveProjection projection = LiveProjection.open(database);
    try {
      SpoolFiles files = SpoolFiles.of(spool);
      SpoolLog.requireOwn(database, projection.positions(), files);
      FollowedFiles followed = new FollowedFiles(files, configuration);
      Optional<SpoolArchive> moved =
          archive.map(directory -> SpoolArchive.of(files, followed, directory));
      SpoolWatch watch =
          SpoolWatch.of(files.directory(), MountTable.network(files.directory()).isPresent());
      InstantSource clock = InstantSource.system();
      return new Follower(
          database,
          files,
          followed,
          projection,
          moved,
          watch,
          AlertService.start(rules, configuration, projection, AlertCounter.NONE, clock),
          clock);
    } catch (IOException e) {
      projection.close();
      throw new LogUnreadableException(
          "The spool %s cannot be followed: %s. Check its permissions, or specify another one with --spool."
              .formatted(spool, e),
          e);
    } catch (RuntimeException e) {
      projection.close();
      throw e;
    }
  }

  /**
   * Follows until {@link #end}, until the spool is removed, or until nothing came for a while and
   * no process is known that could append something.
   *
   * @param idle how long nothing comes before it ends; empty for never
   * @throws StopException when it must not continue
   */
  public void run(Optional<Duration> idle) throws InterruptedException {
    begin();
    do {
      try {
        step();
        isInTrouble = false;
      } catch (FencedException e) {
        throw new TakenOverException(
            "Another writer has taken over %s (%s); this one is stopping. The current batch was not written."
                .formatted(database, e.getMessage()),
            e);
      } catch (ProjectionDamagedException e) {
        throw new DamagedDatabaseException(e);
      } catch (ProjectionUnavailableException | IOException e) {
        wait(e);
        begin();
      }
    } while (closing.getCount() > 0 && !isIdle(idle));
  }

  /** Has {@link #run} return after the batch in hand. */
  public void end() {
    closing.countDown();
  }

  private boolean isIdle(Optional<Duration> idle) {
    return idle.isPresent()
        && clock.instant().isAfter(lastEvent.plus(idle.get()))
        && writers.isEmpty()
        && followed.openLines().stream().noneMatch(LinesFileReader::mayGrow);
  }

  /** Opens the newest generation and looks at everything. */
  private void begin() throws InterruptedException {
    while (closing.getCount() > 0) {
      try {
        projection.reopen();
        followed.begin(projection.claim(InstanceId.of(database), projection.positions()));
        lookAtAll();
        return;
      } catch (ProjectionDamagedException e) {
        throw new DamagedDatabaseException(e);
      } catch (ProjectionUnavailableException | IOException e) {
        wait(e);
      }
    }
  }

  private void lookAtAll() throws IOException {
    // First the marks: what was written before one of them must be seen before it is answered.
    marks.look();
    watchWriters();
    followed.lookAtAll();
  }

  private void wait(Exception trouble) throws InterruptedException {
    if (!isInTrouble) {
      isInTrouble = true;
      LOG.warn(
          "{} New events stay in the spool; retrying every {} s.",
          trouble.getMessage(),
          AFTER_TROUBLE.toSeconds());
    }
    closing.await(AFTER_TROUBLE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void step() throws IOException, InterruptedException {
    applyAll();
    if (marks.isAsked() && projection.isSuperseded() && database.exists()) {
      // Whoever asks reads the new generation.
      begin();
      applyAll();
    }
    marks.answer();
    if (!clock.instant().isBefore(nextLook)) {
      nextLook = clock.instant().plus(LOOK);
      if (!files.isThere()) {
        LOG.info("The spool {} was removed; there is nothing left to follow.", files.directory());
        end();
        return;
      }
      if (projection.isSuperseded() && (database.exists() || wasRemoved)) {
        LOG.info("{} is a new generation; continuing from its positions.", database);
        wasRemoved = false;
        begin();
        return;
      }
      // Whoever removes the database may be about to remove the spool.
      wasRemoved = !database.exists();
      look();
      applyAll();
      alerts.ifPresent(rules -> rules.look(true));
    }
    take(watch.await(LOOK));
  }

  private void applyAll() throws IOException {
    Optional<Step> step = followed.next();
    while (step.isPresent() && closing.getCount() > 0) {
      apply(step.get());
      step = followed.next();
    }
  }

  private void apply(Step step) {
    if (!step.fresh().isEmpty()) {
      projection.addPositions(step.fresh());
    }
    for (Step.Lost lost : step.lost()) {
      projection.recordGap(lost.at(), lost.from(), lost.to(), lost.why());
    }
    FailPoint.hit("polled");
    projection.apply(step.batch());
    followed.applied(step);
    lastEvent = clock.instant();
  }

  private void take(SpoolWatch.Changes changes) throws IOException {
    if (changes.all()) {
      lookAtAll();
      return;
    }
    for (Path path : changes.paths()) {
      if (Marks.isMark(path)) {
        marks.ask(path);
        lastEvent = clock.instant();
      } else if (path.getParent().equals(files.directory())) {
        takeOfSpool(path);
      } else {
        files.segment(path).ifPresent(followed::lookAt);
      }
    }
  }

  private void takeOfSpool(Path path) throws IOException {
    Optional<SpoolDirectory.Entry> source = files.source(path);
    if (source.isEmpty()) {
      return;
    }
    if (source.get().isWriter()) {
      watchWriter(path);
      files.forEachSegment(path, followed::lookAt);
    } else {
      files.lines(path).ifPresent(followed::lookAt);
    }
  }

  /** Watches the directories in which somebody writes, before they are looked at. */
  private void watchWriters() throws IOException {
    for (Path writer : files.writers()) {
      if (isWritten(writer) || Observer.isObservable(writer)) {
        watchWriter(writer);
      }
    }
  }

  private void watchWriter(Path writer) {
    if (writers.add(writer)) {
      watch.add(writer);
    }
  }

  private static boolean isWritten(Path writer) {
    try {
      return HeldLocks.isHeld(writer.resolve(SpoolWriter.LOCK_FILE));
    } catch (IOException noLock) {
      return false;
    }
  }

  /** What nothing reports: processes that are gone, and what operators want. */
  private void look() throws IOException {
    handler.serve();
    for (LinesFileReader lines : followed.openLines()) {
      if (lines.endForItsProcess()) {
        followed.readOn(lines.file());
      }
    }
    for (Path writer : List.copyOf(writers)) {
      lookAt(writer);
    }
    if (archive.isPresent() && !clock.instant().isBefore(nextArchiving)) {
      nextArchiving = clock.instant().plus(ARCHIVING);
      applyAll();
      archive.get().moveWhatIsDone();
    }
  }

  private void lookAt(Path writer) throws IOException {
    if (isWritten(writer)) {
      return;
    }
    Observer.Sight sight = observed(writer);
    if (sight == Observer.Sight.REPORTED_GONE) {
      watchWriters();
      followed.lookAtAll();
    }
    if (sight != Observer.Sight.ALIVE) {
      writers.remove(writer);
      watch.remove(writer);
      if (Files.isDirectory(writer)) {
        files.forEachSegment(writer, followed::lookAt);
      }
    }
  }

  /** Leaves it to a sender, where one serves the directory. */
  private static Observer.Sight observed(Path writer) throws IOException {
    if (!Observer.isObservable(writer)) {
      return Observer.Sight.NOTHING_TO_SEE;
    }
    Optional<HeldLocks.Held> lock = HeldLocks.take(writer.resolve(SpoolDirectory.SENDER_LOCK));
    if (lock.isEmpty()) {
      return Observer.Sight.ALIVE;
    }
    HeldLocks.Held held = lock.get();
    try (held) {
      return Observer.look(writer);
    }
  }

  @Override
  public void close() {
    alerts.ifPresent(AlertService::close);
    followed.close();
    watch.close();
    projection.close();
  }
}
