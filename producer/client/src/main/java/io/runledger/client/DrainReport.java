package io.runledger.client;

import java.util.Optional;

/**
 * What became of a spool that was to be sent at once.
 *
 * @param events events that the broker acknowledged
 * @param complete whether nothing is left
 * @param trouble what kept the rest, as a sentence
 */
public record DrainReport(long events, boolean complete, Optional<String> trouble) {}
