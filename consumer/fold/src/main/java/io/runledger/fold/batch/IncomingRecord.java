package io.runledger.fold.batch;

import java.util.Optional;

/**
 * One record of the log: its bytes, kept in case it cannot be applied, and what they mean.
 *
 * @param source where it came from
 * @param key bytes of the key; empty when it has none
 * @param value bytes of the value; empty when it has none
 * @param headersJson its headers as a JSON array of [name, base64 value]; "[]" when it has none
 * @param decoded the event, or why there is none
 */
public record IncomingRecord(
    Source source,
    Optional<byte[]> key,
    Optional<byte[]> value,
    String headersJson,
    Decoded decoded) {}
