package io.runledger.spool.values;

import io.runledger.config.Secrets;
import io.runledger.schemas.WellFormedText;

/** A text that people wrote, as it is stored: well formed, and without the secrets of URLs. */
public final class StoredText {

  private StoredText() {}

  public static String of(String text) {
    return Secrets.prose(WellFormedText.of(text));
  }
}
