package io.runledger.fold.alert;

import java.util.Optional;

/**
 * A firing that somebody waits for.
 *
 * @param run what is known of its run; empty when the run is not there
 * @param tries how often it was tried
 */
public record DueDelivery(Firing firing, Optional<AlertedRun> run, int tries) {}
