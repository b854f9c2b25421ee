package io.runledger.fold.projection;

import io.runledger.fold.batch.Position;
import java.util.Optional;

/**
 * A stored position, and who may advance it.
 *
 * @param owner who claimed it last; empty when that one gave it back
 */
public record OwnedPosition(Position position, Optional<String> owner) {}
