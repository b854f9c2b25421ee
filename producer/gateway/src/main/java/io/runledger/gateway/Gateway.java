package io.runledger.gateway;

import io.runledger.client.sender.SpoolCheck;
import io.runledger.client.sender.SpoolSender;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.files.HeldLocks;
import io.runledger.gateway.intake.SpoolIntake;
import io.runledger.gateway.log.CallLog;
import io.runledger.gateway.log.DelayedSync;
import io.runledger.gateway.mlflow.KnownRuns;
import io.runledger.gateway.mlflow.MlflowWrites;
import io.runledger.http.Call;
import io.runledger.http.Reply;
import io.runledger.http.Route;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Takes events that come over HTTP. What was answered with 200 is in a file of its own spool, from
 * which a sender of its own brings it to the broker; where the ledger's spool is followed without a
 * broker, it is in a file of that spool. No file is opened before the first call. Thread-safe.
 */
public final class Gateway implements AutoCloseable {

  /** Behind the name of the ledger's spool. */
  private static final String SUFFIX = ".gateway";

  /** Of this process: one for jobs, one for this. */
  private static final int SENDERS = 2;

  private final Configuration configuration;
  private final Path directory;
  private final Path spool;
  private final boolean isFollowed;
  private final DelayedSync sync = new DelayedSync();
  private final CallLog log;
  private final SpoolIntake intake;
  private final MlflowWrites mlflow;
  private Optional<HeldLocks.Held> lock = Optional.empty();
  private volatile Optional<SpoolSender> sender = Optional.empty();
  private boolean closed;

  /**
   * The gateway of a ledger.
   *
   * @param configuration the ledger's, with the spool that jobs of this machine append to
   * @param known what the ledger knows of runs
   */
  public Gateway(Configuration configuration, KnownRuns known) {
    this.configuration = configuration;
    this.directory = directory(configuration);
    this.isFollowed = SpoolCheck.isOfDesk(configuration);
    this.spool = isFollowed ? configuration.path(Setting.SPOOL) : directory.resolve("spool");
    this.log = new CallLog(spool, configuration, sync, this::wakeUp);
    this.mlflow = new MlflowWrites(directory, log, known, configuration);
    this.intake =
        new SpoolIntake(spool, directory.resolve("incoming"), configuration, this::wakeUp);
  }

  /** Where the gateway of a ledger keeps what is its own. */
  public static Path directory(Configuration configuration) {
    Path spool = configuration.path(Setting.SPOOL).toAbsolutePath();
    return spool.resolveSibling(spool.getFileName() + SUFFIX);
  }

  private void wakeUp() {
    sender.ifPresent(SpoolSender::wakeUp);
  }

  /**
   * Begins, unless it has: takes over what the files say, and sends what they have.
   *
   * @throws IOException when its directory cannot be used, or another process uses it
   */
  public synchronized void open() throws IOException {
    if (closed) {
      throw new IOException("The gateway is being stopped.");
    }
    if (lock.isPresent()) {
      return;
    }
    SpoolDirectory.createPrivate(directory);
    Path file = directory.resolve("lock");
    HeldLocks.Held taken =
        HeldLocks.takeByName(file)
            .orElseThrow(
                () ->
                    new IOException(
                        "Process %s takes the events for %s; send them to its address, or stop it."
                            .formatted(holder(file), spool)));
    try {
      SpoolDirectory.createPrivate(spool);
      mlflow.load();
      sync.start(configuration.number(Setting.SPOOL_SYNC_MS));
      if (!isFollowed) {
        sender = Optional.of(SpoolSender.start(spool, configuration, SENDERS));
      }
    } catch (IOException | RuntimeException e) {
      taken.close();
      throw e;
    }
    lock = Optional.of(taken);
  }

  private static String holder(Path file) {
    try {
      return HeldLocks.holder(file);
    } catch (IOException e) {
      return "(unknown)";
    }
  }

  /**
   * Takes a batch of events: lines, or a segment.
   *
   * @throws IOException when it could not be stored
   */
  public Reply events(Call call) throws IOException {
    open();
    return intake.take(call);
  }

  /** What it answers besides: the calls of MLflow's clients. */
  public List<Route> routes() {
    return mlflow.routes().stream()
        .map(
            route ->
                new Route(
                    route.method(),
                    route.path(),
                    call -> {
                      open();
                      return route.handler().answer(call);
                    }))
        .toList();
  }

  /**
   * What was said by such calls.
   *
   * @throws IOException as {@link #open} does
   */
  public MlflowWrites mlflow() throws IOException {
    open();
    return mlflow;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      log.close();
      intake.close();
    } catch (IOException e) {
      throw new UncheckedIOException("The files of the gateway cannot be closed.", e);
    } finally {
      sync.close();
      sender.ifPresent(SpoolSender::close);
      release();
    }
  }

  private void release() {
    try {
      if (lock.isPresent()) {
        lock.get().close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The lock of the gateway cannot be released.", e);
    }
  }
}
