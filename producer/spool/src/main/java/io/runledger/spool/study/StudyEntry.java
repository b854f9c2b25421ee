package io.runledger.spool.study;

import io.runledger.schemas.Topics;
import java.util.Optional;

/**
 * A file in a study.
 *
 * @param name its path in the study, with slashes
 * @param bytes its size, unpacked
 * @param sha256 of its bytes, in hexadecimal digits
 * @param topic what its events are of; empty for a schema
 * @param events the events in it; a record of metrics has as many as it has log calls
 */
public record StudyEntry(
    String name, long bytes, String sha256, Optional<Topics> topic, long events) {}
