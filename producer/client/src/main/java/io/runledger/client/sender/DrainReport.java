package io.runledger.client.sender;

import java.util.Optional;

/**
 * The result of sending a spool at once.
 *
 * @param events events that the broker acknowledged
 * @param complete whether nothing is left
 * @param trouble what kept the rest, as a sentence
 * @param undelivered what did not arrive although it no longer waits in the spool, or was skipped,
 *     as a sentence
 */
public record DrainReport(
    long events, boolean complete, Optional<String> trouble, Optional<String> undelivered) {}
