package io.runledger.service.spool;

import io.runledger.schemas.Topics;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A file of a spool that holds events.
 *
 * @param name its path from the spool's directory on, with slashes
 * @param topic of a segment; empty for a file of lines, which may hold events of any kind
 * @param size its bytes when it was looked at
 * @param changed when it was last appended to, by the disk's clock
 */
public record SpoolFile(
    Path path, String name, Optional<Topics> topic, long size, Instant changed) {}
