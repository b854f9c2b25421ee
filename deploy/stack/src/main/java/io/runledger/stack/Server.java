package io.runledger.stack;

/** A child that serves on ports of its own. */
interface Server {

  ChildProcess child();

  /**
   * Returns when it answers.
   *
   * @throws PortTakenException when it ended because another process has its port
   * @throws StackFailedException when it does not answer
   */
  void awaitReady();
}
