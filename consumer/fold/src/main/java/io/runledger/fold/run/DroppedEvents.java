package io.runledger.fold.run;

/** That an attempt had to drop so many events. */
public record DroppedEvents(long attemptId, long count) {}
