package io.runledger.client.sender;

import java.util.Optional;

/**
 * What became of a spool that was to be sent at once.
 *
 * @param events events that the broker acknowledged
 * @param complete whether nothing is left
 * @param trouble what kept the rest, as a sentence
 * @param undelivered what is left no more, or was left alone, and did not arrive, as a sentence
 */
public record DrainReport(
    long events, boolean complete, Optional<String> trouble, Optional<String> undelivered) {}
