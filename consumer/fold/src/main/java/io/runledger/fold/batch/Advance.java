package io.runledger.fold.batch;

/**
 * A step of one partition.
 *
 * @param from the position that the batch was read from; it must be the stored one
 * @param to the position behind the batch
 */
public record Advance(Position from, Position to) {}
