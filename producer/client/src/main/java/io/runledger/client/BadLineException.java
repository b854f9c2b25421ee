package io.runledger.client;

/** A line of a spool file is none that the format knows; the message says why. */
final class BadLineException extends Exception {

  private static final long serialVersionUID = 1L;

  BadLineException(String why) {
    super(why);
  }
}
