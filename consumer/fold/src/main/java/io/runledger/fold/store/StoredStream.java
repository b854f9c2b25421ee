package io.runledger.fold.store;

import io.runledger.fold.SeqRanges;

/**
 * A stream as the store has it.
 *
 * @param id its key inside one store; not to be exposed outside
 * @param seen the numbers of its events that were applied
 */
public record StoredStream(long id, SeqRanges seen) {}
