package io.runledger.fold.apply;

import io.runledger.fold.EventKey.StreamKey;
import io.runledger.fold.alert.AlertRule;
import io.runledger.fold.alert.Firing;

/** What a batch did to rules about values, in the order of the values. */
sealed interface AlertAction {

  /** A value made a streak long enough. */
  record Fire(
      AlertRule rule,
      StreamKey stream,
      String metric,
      long firstSeq,
      Long step,
      long atMicros,
      double value)
      implements AlertAction {}

  /** A value ended the streak that begins there. */
  record EndStreak(AlertRule rule, StreamKey stream, String metric, long firstSeq, long endedSeq)
      implements AlertAction {}

  /** A value ended a streak while no rules were evaluated. */
  record End(Firing firing, long endedSeq) implements AlertAction {}
}
