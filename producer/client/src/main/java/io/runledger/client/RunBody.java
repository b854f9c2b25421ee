package io.runledger.client;

/**
 * What a run does between its start and its end, with a result.
 *
 * @param <T> type of the result
 * @param <X> what it may throw besides unchecked exceptions; the compiler finds it for a lambda
 */
@FunctionalInterface
public interface RunBody<T, X extends Exception> {

  /**
   * Trains. An exception that leaves it is recorded with its traceback and rethrown.
   *
   * @param run the run, open until this returns; never null
   * @return the result, which may be null
   */
  T run(RunHandle run) throws X;
}
