package io.runledger.fold.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.fold.EventKey.StreamKey;
import io.runledger.fold.alert.AlertRule;
import io.runledger.fold.alert.Condition.MetricIs;
import io.runledger.fold.alert.RunScope;
import io.runledger.fold.alert.ValueTest;
import io.runledger.schemas.Topics;
import org.junit.jupiter.api.Test;

class WaitingStreaksTest {

  private static final AlertRule NAN = rule("nan");
  private static final AlertRule OTHER = rule("other");

  private final WaitingStreaks waiting = new WaitingStreaks();

  private static AlertRule rule(String name) {
    return new AlertRule(
        name, new MetricIs("loss", new ValueTest(ValueTest.Operator.IS_NAN, 0), 1), RunScope.ALL);
  }

  private static AlertAction.Fire fire(AlertRule rule, long run, long seq) {
    return new AlertAction.Fire(
        rule, new StreamKey(run, 1, 2, Topics.METRICS), "loss", seq, null, 0, Double.NaN);
  }

  @Test
  void theStreaksOfARunAreGivenOnce() {
    waiting.add(fire(NAN, 1, 0));
    waiting.add(fire(NAN, 2, 0));
    waiting.add(fire(OTHER, 1, 3));

    assertThat(waiting.take(1)).containsExactly(fire(NAN, 1, 0), fire(OTHER, 1, 3));
    assertThat(waiting.take(1)).isEmpty();
    assertThat(waiting.take(2)).hasSize(1);
  }

  @Test
  void aRunThatNeverStartsKeepsNoMoreOfARuleThanWouldBeStored() {
    for (long seq = 0; seq < 10 * Firings.MOST; seq++) {
      waiting.add(fire(NAN, 1, seq));
      waiting.add(fire(OTHER, 1, seq));
    }

    assertThat(waiting.take(1)).hasSize(2 * Firings.MOST);
  }
}
