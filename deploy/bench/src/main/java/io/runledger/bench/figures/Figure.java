package io.runledger.bench.figures;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One thing that was measured.
 *
 * @param bench the bench's name on the command line
 * @param name what it is, in a few words
 * @param value the measured value, in {@code unit}
 * @param unit such as "points/s", "ms"
 * @param reference the same of the reference, in the same unit
 * @param referenceName what the reference is
 * @param budget what the design promises for it
 */
public record Figure(
    String bench,
    String name,
    double value,
    String unit,
    OptionalDouble reference,
    String referenceName,
    Optional<Budget> budget) {

  /**
   * A bound, on the value or on its ratio to the reference.
   *
   * @param bound the number
   * @param onRatio whether it applies to the ratio
   * @param atMost whether less is better
   */
  public record Budget(double bound, boolean onRatio, boolean atMost) {

    public static Budget ratioAtLeast(double bound) {
      return new Budget(bound, true, false);
    }

    public static Budget ratioAtMost(double bound) {
      return new Budget(bound, true, true);
    }

    public static Budget atMost(double bound) {
      return new Budget(bound, false, true);
    }

    @Override
    public String toString() {
      return (atMost ? "<= " : ">= ") + Figure.text(bound) + (onRatio ? " x" : "");
    }
  }

  public static Figure of(String bench, String name, double value, String unit) {
    return new Figure(bench, name, value, unit, OptionalDouble.empty(), "", Optional.empty());
  }

  public Figure beside(String what, double measured) {
    return new Figure(bench, name, value, unit, OptionalDouble.of(measured), what, budget);
  }

  public Figure within(Budget bound) {
    return new Figure(bench, name, value, unit, reference, referenceName, Optional.of(bound));
  }

  /** Value over reference; empty without one. */
  public OptionalDouble ratio() {
    return reference.isPresent() && reference.getAsDouble() != 0
        ? OptionalDouble.of(value / reference.getAsDouble())
        : OptionalDouble.empty();
  }

  /** Whether the budget is met; empty when there is no budget, or no ratio to apply it to. */
  public Optional<Boolean> met() {
    if (budget.isEmpty()) {
      return Optional.empty();
    }
    Budget bound = budget.get();
    OptionalDouble judged = bound.onRatio() ? ratio() : OptionalDouble.of(value);
    if (judged.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        bound.atMost()
            ? judged.getAsDouble() <= bound.bound()
            : judged.getAsDouble() >= bound.bound());
  }

  /** Three significant digits, whole numbers from a hundred on. */
  public static String text(double value) {
    double size = Math.abs(value);
    if (size >= 100 || size == 0) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    return String.format(Locale.ROOT, size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", value);
  }
}
