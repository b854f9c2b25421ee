package io.runledger.client;

import io.runledger.config.Secrets;
import io.runledger.schemas.WellFormedText;

/** A text that people wrote, as it is stored: well formed, and without the secrets of URLs. */
final class StoredText {

  private StoredText() {}

  static String of(String text) {
    return Secrets.prose(WellFormedText.of(text));
  }
}
