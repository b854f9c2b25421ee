package io.runledger.fold.alert;

import io.runledger.fold.alert.Condition.MetricIs;
import io.runledger.fold.alert.Condition.NoValue;
import io.runledger.fold.alert.Condition.StatusBecomes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * Rules, and what is needed to evaluate them.
 *
 * @param deliveries the names of those to whom each firing goes
 * @param maxAge how old the event that fires a rule may be, by the job's clock, to be delivered
 */
public record AlertRules(
    List<AlertRule> rules,
    List<String> deliveries,
    Duration maxAge,
    InstantSource clock,
    AlertListener listener) {

  public AlertRules {
    rules = List.copyOf(rules);
    deliveries = List.copyOf(deliveries);
  }

  /** The rules about a status. */
  public List<AlertRule> ofStatus() {
    return rules.stream().filter(rule -> rule.condition() instanceof StatusBecomes).toList();
  }

  /** The rules about values. */
  public List<AlertRule> ofMetrics() {
    return rules.stream().filter(rule -> rule.condition() instanceof MetricIs).toList();
  }

  /** The rules about values that do not come. */
  public List<AlertRule> ofSilence() {
    return rules.stream().filter(rule -> rule.condition() instanceof NoValue).toList();
  }
}
