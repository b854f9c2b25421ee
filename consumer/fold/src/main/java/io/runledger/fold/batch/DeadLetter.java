package io.runledger.fold.batch;

import java.util.Optional;

/**
 * A record that could not be applied, kept byte for byte.
 *
 * @param id its number in this database
 * @param source where it came from
 * @param key bytes of the key
 * @param value bytes of the value
 * @param headersJson its headers as a JSON array of [name, base64 value]
 * @param reason what kind of trouble, in a word or two
 * @param detail the sentence
 * @param state waiting, retried or dismissed
 */
public record DeadLetter(
    long id,
    Source source,
    Optional<byte[]> key,
    Optional<byte[]> value,
    String headersJson,
    String reason,
    String detail,
    String state) {}
