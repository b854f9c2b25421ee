package io.runledger.fold.alert;

/**
 * What is asked of a value. NaN is neither above nor below anything.
 *
 * @param operator how it is compared
 * @param bound with what; 0 where the operator compares with nothing
 */
public record ValueTest(Operator operator, double bound) {

  /** How a value is compared. */
  public enum Operator {
    IS_NAN("is nan"),
    IS_NOT_FINITE("is not finite"),
    BELOW("<"),
    AT_MOST("<="),
    EQUAL("="),
    AT_LEAST(">="),
    ABOVE(">");

    private final String text;

    Operator(String text) {
      this.text = text;
    }

    /** How it is written. */
    public String text() {
      return text;
    }

    /** Whether it needs nothing to compare with. */
    public boolean isAlone() {
      return this == IS_NAN || this == IS_NOT_FINITE;
    }
  }

  /** Whether a value passes. */
  public boolean passes(double value) {
    return switch (operator) {
      case IS_NAN -> Double.isNaN(value);
      case IS_NOT_FINITE -> !Double.isFinite(value);
      case BELOW -> value < bound;
      case AT_MOST -> value <= bound;
      case EQUAL -> value == bound;
      case AT_LEAST -> value >= bound;
      case ABOVE -> value > bound;
    };
  }

  /** As it is written in a file of rules. */
  public String words() {
    return operator.isAlone() ? operator.text() : operator.text() + " " + number();
  }

  private String number() {
    return bound == (long) bound && Math.abs(bound) < 1e15
        ? Long.toString((long) bound)
        : Double.toString(bound);
  }
}
