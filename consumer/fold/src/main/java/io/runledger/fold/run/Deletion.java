package io.runledger.fold.run;

/**
 * That a run was deleted or restored.
 *
 * @param speaker the attempt, or the operator's own id, under which it was said
 * @param deleted false when it was restored
 */
public record Deletion(long speaker, boolean deleted) {}
