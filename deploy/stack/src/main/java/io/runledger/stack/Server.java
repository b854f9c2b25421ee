package io.runledger.stack;

/** A child that serves on its own ports. */
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
