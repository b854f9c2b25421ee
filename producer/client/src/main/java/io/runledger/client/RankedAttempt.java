package io.runledger.client;

import io.runledger.files.PrivateFiles;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import io.runledger.schemas.Sha256;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The attempt shared by those processes of one launcher that begin the same run: tasks of a SLURM
 * step or ranks of MPI, each with its own wrapper. The first to arrive begins it; none waits for
 * another.
 *
 * <p>They find each other in {@code .ranks/GROUP} of the spool, GROUP being a hash of what only
 * these processes have in common (see deploy/docs/decisions/0029). There {@code RUN-N} is a
 * symbolic link, created atomically, to the id of the N-th attempt of the run; and {@code
 * RUN-N.RANK} says that a rank takes part in it, so that a rank that begins the run again begins
 * another attempt.
 */
final class RankedAttempt {

  private static final Logger LOG = LoggerFactory.getLogger(RankedAttempt.class);
  static final String DIRECTORY = ".ranks";
  private static final Duration KEPT = Duration.ofDays(7);

  /** Left by a Python rank that never learned of rank 0; it can be sent manually. */
  private static final String UNKNOWN_FATE = ".jsonl";

  private final long attempt;
  private final boolean begins;
  private final Optional<Path> first;

  private RankedAttempt(long attempt, boolean begins, Optional<Path> first) {
    this.attempt = attempt;
    this.begins = begins;
    this.first = first;
  }

  /**
   * The place of a process among those that were started with it.
   *
   * @param group what only these processes have in common, also with those of other languages
   */
  record Rank(int number, String group) {

    static Optional<Rank> of(Map<String, String> environment) {
      String namespace = environment.getOrDefault("PMIX_NAMESPACE", "");
      if (!namespace.isEmpty()) {
        Optional<Rank> mpi =
            oneOfMany(environment, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE")
                .map(number -> new Rank(number, "mpi/" + namespace));
        if (mpi.isPresent()) {
          return mpi;
        }
      }
      String job = environment.getOrDefault("SLURM_JOB_ID", "");
      if (job.isEmpty()) {
        return Optional.empty();
      }
      String group =
          String.join(
              "/",
              "slurm",
              job,
              environment.getOrDefault("SLURM_CLUSTER_NAME", ""),
              environment.getOrDefault("SLURM_STEP_ID", ""),
              environment.getOrDefault("SLURM_RESTART_COUNT", ""));
      return oneOfMany(environment, "SLURM_PROCID", "SLURM_STEP_NUM_TASKS")
          .or(() -> oneOfMany(environment, "SLURM_PROCID", "SLURM_NTASKS"))
          .map(number -> new Rank(number, group));
    }

    private static Optional<Integer> oneOfMany(
        Map<String, String> environment, String own, String size) {
      try {
        int number = Integer.parseInt(environment.getOrDefault(own, ""));
        boolean many = Integer.parseInt(environment.getOrDefault(size, "")) > 1;
        return many && number >= 0 ? Optional.of(number) : Optional.empty();
      } catch (NumberFormatException notTold) {
        return Optional.empty();
      }
    }

    private Path directory(Path spool) {
      return spool.resolve(DIRECTORY).resolve(Sha256.hex(group, 12));
    }
  }

  /**
   * The attempt of this process: the one that another rank has begun already, or its own.
   *
   * @param own makes the id of an attempt
   */
  static RankedAttempt of(
      Path spool, RunId run, Map<String, String> environment, LongSupplier own) {
    Optional<Rank> rank = Rank.of(environment);
    if (rank.isPresent()) {
      try {
        return shared(rank.get(), spool, run, own);
      } catch (IOException | UnsupportedOperationException e) {
        LOG.warn(
            "Cannot find the other ranks ({}); run {} gets a separate attempt for this rank.",
            e.toString(),
            run);
      }
    }
    return ofOne(own.getAsLong());
  }

  /** The attempt of a process that is the only one of it. */
  static RankedAttempt ofOne(long attempt) {
    return new RankedAttempt(attempt, true, Optional.empty());
  }

  private static RankedAttempt shared(Rank rank, Path spool, RunId run, LongSupplier own)
      throws IOException {
    Path directory = rank.directory(spool);
    SpoolDirectory.createPrivate(directory);
    forgetOld(spool.resolve(DIRECTORY));
    String name = run + "-" + takePart(directory, run, rank.number());
    Optional<Path> first =
        rank.number() == 0 ? Optional.empty() : Optional.of(directory.resolve(name + ".0"));
    Path note = directory.resolve(name);
    long attempt = own.getAsLong();
    try {
      Files.createSymbolicLink(note, Path.of(Base32.encode(attempt)));
      return new RankedAttempt(attempt, true, first);
    } catch (FileAlreadyExistsException begunByAnother) {
      return new RankedAttempt(begun(note), false, first);
    }
  }

  /** Which attempt of the run it is to this rank: 1 for the first. */
  private static int takePart(Path directory, RunId run, int rank) throws IOException {
    int attempt = 1;
    while (!isFirstTime(directory.resolve("%s-%d.%d".formatted(run, attempt, rank)))) {
      attempt++;
    }
    return attempt;
  }

  private static boolean isFirstTime(Path part) throws IOException {
    try {
      Files.createFile(part, PrivateFiles.FILE);
      return true;
    } catch (FileAlreadyExistsException takenPartBefore) {
      return false;
    }
  }

  private static long begun(Path note) throws IOException {
    try {
      return Base32.decode(Files.readSymbolicLink(note).toString());
    } catch (IllegalArgumentException e) {
      throw new IOException(note + " does not name an attempt", e);
    }
  }

  private static void forgetOld(Path directory) throws IOException {
    Instant latest = Instant.now().minus(KEPT);
    try (DirectoryStream<Path> groups = Files.newDirectoryStream(directory)) {
      for (Path group : groups) {
        if (Files.getLastModifiedTime(group).toInstant().isBefore(latest)) {
          forget(group);
        }
      }
    }
  }

  /** Removes what ranks or a wrapper's processes left there, if anything. */
  static void forget(Path group) throws IOException {
    if (!Files.isDirectory(group, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    boolean isEmpty = true;
    try (DirectoryStream<Path> notes = Files.newDirectoryStream(group)) {
      for (Path note : notes) {
        if (note.toString().endsWith(UNKNOWN_FATE)) {
          isEmpty = false;
        } else {
          Files.deleteIfExists(note);
        }
      }
    }
    if (isEmpty) {
      Files.deleteIfExists(group);
    }
  }

  long attempt() {
    return attempt;
  }

  /** Whether this process records what only one of the ranks has to. */
  boolean begins() {
    return begins;
  }

  /**
   * Whether the attempt completes when this process does: that of rank 0 or, where rank 0 takes no
   * part, of the rank that began it.
   */
  boolean decidesGoodEnd() {
    return first.isEmpty() || (begins && !Files.exists(first.get(), LinkOption.NOFOLLOW_LINKS));
  }
}
