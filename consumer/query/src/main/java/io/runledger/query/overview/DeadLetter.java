package io.runledger.query.overview;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A record that could not be applied, without its bytes.
 *
 * @param bytes length of its value
 * @param reason what kind of trouble, in one word
 * @param detail the sentence
 * @param state waiting, retried or dismissed
 * @param tries how often it was retried
 */
public record DeadLetter(
    long id,
    String topic,
    int partition,
    long offset,
    OptionalLong bytes,
    String reason,
    String detail,
    String state,
    long tries,
    Optional<String> disposition) {}
