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
 * The runs that have taken over the attempt of an unnamed wrapper, because its command began them.
 * Each gets what the wrapper knows; as long as the command is exactly one run, its end is that
 * run's end. Thread-safe.
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
            // What is known is stored once; after that the run needs no open file.
            run.release();
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      if (!told) {
        told = true;
        LOG.warn("Cannot determine which run the command started: {}", e.toString());
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

  /** Closes the files. */
  synchronized void close() {
    known.values().forEach(RunHandle::release);
    try {
      of.forget();
    } catch (IOException e) {
      LOG.warn("Cannot remove the leftovers of the attempt: {}", e.toString());
    }
  }
}
