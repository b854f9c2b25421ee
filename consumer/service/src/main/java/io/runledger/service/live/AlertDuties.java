package io.runledger.service.live;

import io.runledger.service.alert.AlertService;

/** Bringing alerts to people, which one member does for all of them. */
record AlertDuties(AlertService service) implements LeadDuties {

  @Override
  public void begin() {
    service.begin();
  }

  @Override
  public void finish() {
    service.finish();
  }

  @Override
  public void abandon() {
    service.abandon();
  }
}
