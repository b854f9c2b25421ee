package io.runledger.fold.run;

/**
 * A configuration as one start brought it, or several together.
 *
 * @param json the configuration, JSON
 * @param truncatedBytes how many bytes of it were left out
 * @param sha256 hash of the whole one; null where nothing was left out
 */
public record Configuration(String json, long truncatedBytes, String sha256) {

  static final String NOTHING = "{}";

  /** Whether it says nothing at all. */
  public boolean isEmpty() {
    return json.equals(NOTHING) && truncatedBytes == 0 && sha256 == null;
  }
}
