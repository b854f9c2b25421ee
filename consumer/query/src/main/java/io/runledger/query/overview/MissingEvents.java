package io.runledger.query.overview;

import io.runledger.query.runs.StreamGap;
import io.runledger.schemas.RunId;
import java.util.Optional;

/** A stream with holes, and the run that it is of. */
public record MissingEvents(RunId run, Optional<String> runName, StreamGap gap) {}
