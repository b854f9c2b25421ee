package io.runledger.service.alert;

import java.util.Optional;

/** Somebody to whom firings go. Used by one thread. */
public sealed interface Target permits Webhook, CommandTarget {

  /** Its name in the file of rules and in the database. */
  String name();

  /** Where messages go, for people, without anything secret. */
  String words();

  /**
   * Tries once.
   *
   * @return why it failed, as a sentence without anything secret; empty when it was taken
   * @throws InterruptedException when the service ends; nobody knows then whether it was taken
   */
  Optional<String> deliver(AlertMessage message) throws InterruptedException;
}
