package io.runledger.client;

import io.runledger.files.PrivateFiles;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The attempt of a wrapper that was given no name. The first named run that its command begins
 * takes it over, and the wrapper's own run is hidden (deploy/docs/decisions/0040 has the reasons).
 *
 * <p>They find each other in {@code .ranks/taken-ATTEMPT} of the spool, which whoever comes first
 * makes. There each run that began is a symbolic link, from the id of its attempt to its own. The
 * Python package does the same.
 *
 * @param run the wrapper's run
 * @param attempt its attempt
 */
record UnnamedAttempt(RunId run, long attempt, Path spool) {

  /** Only a wrapper that was given no name puts this into its command's environment. */
  static final String MARK = "RUNLEDGER_UNNAMED";

  /** A run that began under the wrapper. */
  record Taken(RunId run, long attempt) {}

  /** What to record about the wrapper's own run when a run has begun under it. */
  enum News {
    HIDDEN,
    SHOWN_AGAIN,
    NONE
  }

  /**
   * The mark, for an environment: the attempt and its SLURM job. A job submitted by a wrapped
   * command inherits the mark, and is not part of the attempt.
   */
  static String mark(long attempt, Map<String, String> environment) {
    String job = environment.getOrDefault("SLURM_JOB_ID", "");
    String restarts = environment.getOrDefault("SLURM_RESTART_COUNT", "");
    return job.isEmpty()
        ? Base32.encode(attempt)
        : "%s %s/%s".formatted(Base32.encode(attempt), job, restarts.isEmpty() ? "0" : restarts);
  }

  /** The attempt that was begun for this process, if its wrapper was given no name. */
  static Optional<UnnamedAttempt> above(
      RunId run, long attempt, Path spool, Map<String, String> environment) {
    return mark(attempt, environment).equals(environment.get(MARK))
        ? Optional.of(new UnnamedAttempt(run, attempt, spool))
        : Optional.empty();
  }

  private Path directory() {
    return spool.resolve(RankedAttempt.DIRECTORY).resolve("taken-" + Base32.encode(attempt));
  }

  /**
   * Whether this process is the first to begin a run under the wrapper.
   *
   * @throws IOException when nothing can be noted there; then nobody takes the attempt over
   */
  boolean isFirst() throws IOException {
    SpoolDirectory.createPrivate(directory().getParent());
    try {
      Files.createDirectory(directory(), PrivateFiles.DIRECTORY);
      return true;
    } catch (FileAlreadyExistsException begunBefore) {
      return false;
    }
  }

  /**
   * Notes that a run has begun.
   *
   * @return what to record now; a caller that hid the wrapper's run checks again whether it {@link
   *     #isMoreThanOne}, because another run may have begun meanwhile
   */
  News takenBy(RunId began, long attemptOfIt) throws IOException {
    Files.createSymbolicLink(
        directory().resolve(Base32.encode(attemptOfIt)), Path.of(began.toString()));
    if (isMoreThanOne()) {
      boolean isHidden = Files.exists(directory().resolve("delete"));
      return isHidden && isFirstToSay("restore") ? News.SHOWN_AGAIN : News.NONE;
    }
    return !began.equals(run) && isFirstToSay("delete") ? News.HIDDEN : News.NONE;
  }

  /** Whether the command is several runs, or one next to what takes part in the wrapper's own. */
  boolean isMoreThanOne() throws IOException {
    return taken().stream().map(Taken::run).distinct().count() > 1;
  }

  /**
   * Notes that another unnamed wrapper runs under this one: how the command ends then says nothing
   * about any single run. The other wrapper takes care of what its own command begins.
   */
  News sharedBy(long attemptOfIt) throws IOException {
    isFirst();
    return takenBy(run, attemptOfIt);
  }

  private boolean isFirstToSay(String word) throws IOException {
    try {
      Files.createFile(directory().resolve(word), PrivateFiles.FILE);
      return true;
    } catch (FileAlreadyExistsException saidBefore) {
      return false;
    }
  }

  /** The runs that have begun under the wrapper so far. */
  List<Taken> taken() throws IOException {
    List<Taken> taken = new ArrayList<>();
    try (DirectoryStream<Path> links =
        Files.newDirectoryStream(directory(), Files::isSymbolicLink)) {
      for (Path link : links) {
        taken.add(
            new Taken(
                RunId.parse(Files.readSymbolicLink(link).toString()),
                Base32.decode(link.getFileName().toString())));
      }
    } catch (NoSuchFileException nobodyBegan) {
      return List.of();
    } catch (IllegalArgumentException e) {
      throw new IOException(directory() + " has a link that Runledger did not make", e);
    }
    return taken;
  }

  /** Removes the links, once the wrapper's command has ended. */
  void forget() throws IOException {
    RankedAttempt.forget(directory());
  }
}
