package io.runledger.fold.store;

import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionUnavailableException;

/**
 * The store fails, whatever it is given: no record is to blame. Only stores throw it, and the
 * transaction around makes a {@link ProjectionUnavailableException} or a {@link
 * ProjectionDamagedException} of it.
 */
public class StoreFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public StoreFailure(Throwable cause) {
    super(cause);
  }
}
