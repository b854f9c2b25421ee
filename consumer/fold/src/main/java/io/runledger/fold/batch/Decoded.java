package io.runledger.fold.batch;

import org.apache.avro.specific.SpecificRecord;

/** What the bytes of a record turned out to be. */
public sealed interface Decoded {

  /** An event of the topic. */
  record Event(SpecificRecord event) implements Decoded {}

  /**
   * No event, however often one tries.
   *
   * @param reason what kind of trouble, in a word or two
   * @param detail the sentence
   */
  record Malformed(String reason, String detail) implements Decoded {}
}
