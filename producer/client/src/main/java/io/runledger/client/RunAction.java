package io.runledger.client;

/**
 * What a run does between its start and its end, without a result.
 *
 * @param <X> what it may throw besides unchecked exceptions; the compiler finds it for a lambda
 */
@FunctionalInterface
public interface RunAction<X extends Exception> {

  /**
   * Trains. An exception that leaves it is recorded with its traceback and rethrown.
   *
   * @param run the run, open until this returns; never null
   */
  void run(RunHandle run) throws X;
}
