package io.runledger.query.filter;

/** How a value of a run is compared; what {@code !=} and {@code !~} say is the opposite. */
public enum Operator {
  EQUAL("="),
  LESS("<"),
  AT_MOST("<="),
  GREATER(">"),
  AT_LEAST(">="),
  /** The text is part of the run's text; letters from A to Z equal those from a to z. */
  CONTAINS("~"),
  /** The text is one of the run's, or an entry of a list in its configuration. */
  HAS("has");

  private final String sign;

  Operator(String sign) {
    this.sign = sign;
  }

  /** As people write it. */
  public String sign() {
    return sign;
  }

  /** Whether it asks which of two values is the larger one. */
  public boolean isOrder() {
    return this == LESS || this == AT_MOST || this == GREATER || this == AT_LEAST;
  }
}
