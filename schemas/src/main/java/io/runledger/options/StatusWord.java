package io.runledger.options;

import io.runledger.schemas.RunStatus;

/** Reads one of the five words. */
public final class StatusWord extends EnumWord<RunStatus> {

  /** Made by picocli. */
  public StatusWord() {
    super(RunStatus.values(), RunStatus::word);
  }
}
