package io.runledger.projection;

import java.util.List;

/**
 * What one transaction applies.
 *
 * @param records the records, those of one partition in the order of their offsets
 * @param advances the step of each partition that the batch was read from
 */
public record Batch(List<IncomingRecord> records, List<Advance> advances) {}
