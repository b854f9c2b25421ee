package io.runledger.contract;

import java.nio.file.Path;

/** A part of what every store must hold. */
abstract class Contract {

  /**
   * A database of the store under test, which is not there before it is opened.
   *
   * @param directory where it may keep files
   * @param name distinguishes it from others in the same directory
   */
  protected abstract TestDatabase database(Path directory, String name);
}
