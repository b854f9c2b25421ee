package io.runledger.fold.run;

/** That an attempt had to drop this many events. */
public record DroppedEvents(long attemptId, long count) {}
