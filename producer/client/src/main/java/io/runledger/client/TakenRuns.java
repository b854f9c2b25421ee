package io.runledger.client;

import io.runledger.client.UnnamedAttempt.Taken;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has become of the attempt of a wrapper that was given no name: the runs that its command has
 * begun. Each gets what the wrapper knows; while the command is one of them and nothing else, how
 * it ends is how that run ends. Thread-safe.
 */
final class TakenRuns {

  private static final Logger LOG = LoggerFactory.getLogger(TakenRuns.class);

  private final UnnamedAttempt of;
  private final Function<Taken, RunHandle> join;
  private final Map<Taken, RunHandle> known = new HashMap<>();
  private boolean isMore;
  private boolean told;

  /**
   * @param join takes part in an attempt, with what the wrapper knows of it
   */
  TakenRuns(UnnamedAttempt of, Function<Taken, RunHandle> join) {
    this.of = of;
    this.join = join;
  }

  /** Looks for runs that began since. Never throws. */
  synchronized void look() {
    try {
      for (Taken taken : of.taken()) {
        if (taken.run().equals(of.run())) {
          isMore = true;
        } else if (!known.containsKey(taken)) {
          RunHandle run = join.apply(taken);
          known.put(taken, run);
          if (known.size() > 1) {
            // Said once; it needs no file for longer.
            run.release();
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      if (!told) {
        told = true;
        LOG.warn("Which run the command has begun is not known: {}", e.toString());
      }
    }
  }

  /**
   * The run that the command has begun, if it is nothing else; empty when there is none or several,
   * or something takes part in the wrapper's own run.
   */
  synchronized Optional<RunHandle> only() {
    return known.size() == 1 && !isMore ? known.values().stream().findFirst() : Optional.empty();
  }

  /** Gives the files back. */
  synchronized void close() {
    known.values().forEach(RunHandle::release);
    try {
      of.forget();
    } catch (IOException e) {
      LOG.warn("Leftovers of the attempt cannot be removed: {}", e.toString());
    }
  }
}
