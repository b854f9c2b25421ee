package io.runledger.client;

/** What a run does, between its start and its end. */
@FunctionalInterface
public interface RunBody<T> {

  /** Trains. An exception that leaves it is recorded with its traceback, and thrown on. */
  T run(RunHandle run) throws Exception;
}
