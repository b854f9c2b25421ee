package io.runledger.fold.batch;

import java.util.Optional;

/**
 * A record that could not be applied, kept byte for byte.
 *
 * @param id its number in this projection
 * @param source where it came from, and when the broker stored it
 * @param topicId which topic of that name it was
 * @param key bytes of the key
 * @param value bytes of the value
 * @param headersJson its headers as a JSON array of [name, base64 value]
 * @param reason what kind of trouble, in a word or two
 * @param detail the sentence
 * @param state waiting, retried or dismissed
 * @param tries how often it was retried
 * @param disposedAt when it was last retried or dismissed, UTC
 * @param disposition what came of it, or why it was dismissed
 */
public record DeadLetter(
    long id,
    Source source,
    String topicId,
    Optional<byte[]> key,
    Optional<byte[]> value,
    String headersJson,
    String reason,
    String detail,
    String state,
    int tries,
    Optional<String> disposedAt,
    Optional<String> disposition) {}
