package io.runledger.stack;

/**
 * Something about the topics or schemas of a cluster that somebody should know.
 *
 * @param severity how bad it is
 * @param sentence what, where, and what to do
 */
public record Finding(Severity severity, String sentence) {

  /** How bad a finding is. */
  public enum Severity {
    /** Runledger loses history or does not work so. */
    PROBLEM,
    /** It works, and somebody might want it otherwise. */
    NOTE
  }

  static Finding problem(String sentence) {
    return new Finding(Severity.PROBLEM, sentence);
  }

  static Finding note(String sentence) {
    return new Finding(Severity.NOTE, sentence);
  }
}
