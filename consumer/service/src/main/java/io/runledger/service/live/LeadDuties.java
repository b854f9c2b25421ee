package io.runledger.service.live;

/**
 * What one member of a group does for all of them: the one that has the partitions with number 0.
 * Called by the loop's thread.
 */
public interface LeadDuties {

  /** Nothing is to be done. */
  LeadDuties NONE =
      new LeadDuties() {
        @Override
        public void begin() {}

        @Override
        public void finish() {}

        @Override
        public void abandon() {}
      };

  /** Begins, unless it has begun: this member has claimed the partitions. */
  void begin();

  /** Ends in order: returns when nothing of it is under way any more. */
  void finish();

  /** Ends at once: another member may have begun already. */
  void abandon();
}
