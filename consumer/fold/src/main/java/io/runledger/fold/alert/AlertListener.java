package io.runledger.fold.alert;

/**
 * Hears what became of evaluating rules. Called by the thread that applies, so it must not wait.
 */
public interface AlertListener {

  /**
   * Firings were committed.
   *
   * @param fired how many, late ones included
   */
  void fired(int fired);

  /** Rules could not be evaluated over a batch, whose rows were stored nevertheless. */
  void failed(String why);
}
