package io.runledger.spool.values;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether tracked files of a checkout differ from its commit. Only git can compare them, so it is
 * asked: for a second at most, without a lock, and without writing anything. Where it was too slow
 * once, it is not asked again. Thread-safe.
 */
public final class GitChanges {

  /** Those of the working directory. */
  public static final GitChanges HERE = new GitChanges("git", Path.of(""), System::nanoTime);

  /** What a job waits for at most; a few milliseconds are usual. */
  private static final Duration LIMIT = Duration.ofSeconds(1);

  /** A sweep of short runs asks once in a while. */
  private static final Duration FRESH = Duration.ofSeconds(2);

  /** Variables that would lead git to another checkout. */
  private static final List<String> ELSEWHERE =
      List.of(
          "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY");

  private final String program;
  private final Path directory;
  private final LongSupplier nanos;
  private boolean wasLate;
  private boolean isAsked;
  private long askedAt;
  private Optional<Boolean> answer = Optional.empty();

  GitChanges(String program, Path directory, LongSupplier nanos) {
    this.program = program;
    this.directory = directory;
    this.nanos = nanos;
  }

  /** Whether there are any; empty where that cannot be said in time, and outside a checkout. */
  public synchronized Optional<Boolean> any() {
    boolean isFresh = isAsked && nanos.getAsLong() - askedAt < FRESH.toNanos();
    if (!isFresh && !wasLate) {
      answer = JobEnvironment.gitCommit(directory).isEmpty() ? Optional.empty() : ask();
      isAsked = true;
      askedAt = nanos.getAsLong();
    }
    return answer;
  }

  private Optional<Boolean> ask() {
    ProcessBuilder command =
        new ProcessBuilder(
            program,
            "-C",
            directory.toAbsolutePath().toString(),
            "-c",
            "core.fsmonitor=false",
            "status",
            "--porcelain",
            "--branch",
            "--untracked-files=no");
    command.redirectError(ProcessBuilder.Redirect.DISCARD);
    ELSEWHERE.forEach(command.environment()::remove);
    command.environment().put("GIT_OPTIONAL_LOCKS", "0");
    try {
      return answer(command.start());
    } catch (IOException notInstalled) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private Optional<Boolean> answer(Process status) throws IOException, InterruptedException {
    try {
      wasLate = !status.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      // Where it waits for us to read more, it has found many.
      String said = text(status.getInputStream());
      boolean isAny = said.indexOf('\n') != said.lastIndexOf('\n');
      // It always prints the branch.
      boolean isKnown = said.startsWith("## ") && (isAny || !wasLate);
      return isKnown ? Optional.of(isAny) : Optional.empty();
    } finally {
      status.destroyForcibly();
    }
  }

  /** What is there to be read now. */
  private static String text(InputStream in) throws IOException {
    return new String(in.readNBytes(in.available()), StandardCharsets.UTF_8);
  }
}
