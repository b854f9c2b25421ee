package io.runledger.fold.run;

import java.util.List;

/**
 * A remark about a run.
 *
 * @param speaker the attempt, or the operator's own id, under which it was said
 * @param notes null when it says nothing of them
 * @param added tags
 * @param removed tags
 * @param name null when it says nothing of it
 */
public record Annotation(
    long speaker, String notes, List<String> added, List<String> removed, String name) {}
