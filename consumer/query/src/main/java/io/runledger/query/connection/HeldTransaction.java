package io.runledger.query.connection;

import java.time.Duration;
import org.jdbi.v3.core.Handle;

/** A transaction that a store has begun and settled on a moment. Used by one thread at a time. */
public interface HeldTransaction {

  /** What it is read by. */
  Handle handle();

  /** Begins a question, whose statements have so long, and no longer than the store's own limit. */
  void ask(Duration time);

  /** Undoes what a question that failed left behind, so that the next one can be asked. */
  void recover();

  /** Ends it, and gives its connection back or closes it. */
  void end();
}
