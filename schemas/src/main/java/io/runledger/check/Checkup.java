package io.runledger.check;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Runs checks side by side and collects what they find, in their order. One that hangs is given up
 * after a limit and left to a daemon thread, so that the others are still heard.
 */
public final class Checkup {

  private final Duration limit;
  private final Function<Throwable, String> sentence;

  /**
   * @param limit of all checks together
   * @param sentence words a failure that a check throws
   */
  public Checkup(Duration limit, Function<Throwable, String> sentence) {
    this.limit = limit;
    this.sentence = sentence;
  }

  /** What the checks found; what two of them found is said once. */
  public List<Finding> run(List<Check> checks) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    List<FutureTask<List<Finding>>> running = checks.stream().map(Checkup::started).toList();
    Set<Finding> findings = new LinkedHashSet<>();
    for (int i = 0; i < checks.size(); i++) {
      findings.addAll(findings(checks.get(i), running.get(i), end));
    }
    return List.copyOf(findings);
  }

  private static FutureTask<List<Finding>> started(Check check) {
    FutureTask<List<Finding>> task = new FutureTask<>(check.look()::get);
    Thread thread = new Thread(task, "runledger-check-" + check.component().replace(' ', '-'));
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  private List<Finding> findings(Check check, FutureTask<List<Finding>> task, long end)
      throws InterruptedException {
    try {
      return task.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return List.of(
          check.unknown(
              "The check did not finish within %d s.".formatted(limit.toSeconds()),
              Optional.of(
                  "Find out what it is waiting for: a server that hangs, or a file system that does not"
                      + " answer.")));
    } catch (ExecutionException e) {
      return List.of(check.unknown(sentence.apply(e.getCause()), Optional.empty()));
    }
  }
}
