package io.runledger.config;

/** Numbers of things as people say them: "1 event", "1,200 events". */
public final class Counted {

  private Counted() {}

  /** The number and the thing, whose plural has an s. */
  public static String of(long number, String thing) {
    return number == 1 ? "1 " + thing : "%,d %ss".formatted(number, thing);
  }
}
