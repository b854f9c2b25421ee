package io.runledger.service.log;

import io.runledger.schemas.TopicNames;
import io.runledger.service.group.DatabaseTag;
import io.runledger.service.stop.LogUnreadableException;
import java.util.List;

/**
 * What the service asks the brokers of the four topics and of its group. Thread-safe.
 *
 * <p>Each method throws {@link LogInspector.BrokersUnavailableException} while they do not answer,
 * which is worth another try.
 */
public interface Brokers {

  /** What the four topics are called. */
  TopicNames topics();

  /**
   * The four topics as they are now.
   *
   * @throws LogUnreadableException when one of them does not exist
   */
  LogState inspect();

  /** Settings of the topics that make them forget, as sentences; empty when there are none. */
  List<String> forgetfulSettings();

  /** Members of the group other than {@code instanceId}, as people would name them. */
  List<String> otherMembers(String group, String instanceId);

  /** Members of the group that fill another database, as people would name them. */
  List<String> membersOfAnother(DatabaseTag database, String group);
}
