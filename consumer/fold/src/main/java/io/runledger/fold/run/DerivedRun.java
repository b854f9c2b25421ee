package io.runledger.fold.run;

import java.util.List;

/**
 * What follows from the facts of a run.
 *
 * @param attempts oldest first, with their standing
 * @param cuts where another step than before cuts points off
 * @param reordered whether attempts come in another order than before
 */
public record DerivedRun(
    RunRow row, List<Attempt> attempts, List<Superseded> cuts, boolean reordered) {

  /**
   * That another step than before supersedes the points of an attempt.
   *
   * @param oldStep null when nothing superseded them
   * @param newStep null when nothing supersedes them any more
   */
  public record Superseded(long attemptId, Long oldStep, Long newStep) {}
}
