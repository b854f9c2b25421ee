package io.runledger.fold.run;

/** How many events an attempt had to drop. */
public record DroppedEvents(long attemptId, long count) {}
