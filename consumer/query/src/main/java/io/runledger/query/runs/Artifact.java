package io.runledger.query.runs;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A file that a run made or used. The file itself is where the job left it.
 *
 * @param attemptId the attempt
 * @param type checkpoint, plot, config, model, ...
 * @param filepath path as the job knows it; never opened here
 * @param sizeBytes size in bytes when it was logged
 * @param sha256 SHA-256 of its content, hex
 * @param metadata JSON
 * @param at when, by the job's clock, to the second; empty where its year is not one of 1 to 9999
 */
public record Artifact(
    long attemptId,
    String type,
    String filepath,
    OptionalLong sizeBytes,
    Optional<String> sha256,
    Optional<String> metadata,
    Optional<Instant> at) {}
