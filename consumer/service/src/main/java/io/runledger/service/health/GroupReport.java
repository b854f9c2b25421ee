package io.runledger.service.health;

import java.util.List;
import java.util.Map;

/**
 * What the members of a consumer group do together, as the database and the ends of the log say it.
 *
 * @param members those that have partitions, by name
 * @param unread numbers of partitions that nobody has, ascending
 * @param lagByTopic records not yet applied, in all partitions
 */
public record GroupReport(
    List<MemberReport> members, List<Integer> unread, Map<String, Long> lagByTopic) {

  public GroupReport {
    members = List.copyOf(members);
    unread = List.copyOf(unread);
    lagByTopic = Map.copyOf(lagByTopic);
  }

  /** Records not yet applied, in all topics. */
  public long lag() {
    return lagByTopic.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * One of them.
   *
   * @param name what it is called in the database
   * @param partitions numbers of its partitions, ascending
   * @param lag records not yet applied in these
   */
  public record MemberReport(String name, List<Integer> partitions, long lag) {

    public MemberReport {
      partitions = List.copyOf(partitions);
    }
  }
}
