package io.runledger.service.group;

import java.util.Optional;

/**
 * Whose positions are in a database: a member of a consumer group.
 *
 * @param group id of the group
 * @param name of the member, without a slash; no other member of the group has it
 */
public record Member(String group, String name) {

  /**
   * @throws IllegalArgumentException when the name has a slash
   */
  public Member {
    if (name.isEmpty() || name.indexOf('/') >= 0) {
      throw new IllegalArgumentException("'%s' is not the name of a member.".formatted(name));
    }
  }

  /** As it stands with each of its positions. */
  public String owner() {
    return group + "/" + name;
  }

  /** Of an owner of positions; empty when it is none, such as whoever rebuilt the database. */
  public static Optional<Member> of(String owner) {
    int slash = owner.lastIndexOf('/');
    return slash < 1 || slash == owner.length() - 1
        ? Optional.empty()
        : Optional.of(new Member(owner.substring(0, slash), owner.substring(slash + 1)));
  }

  /** For people. */
  @Override
  public String toString() {
    return "%s of consumer group %s".formatted(name, group);
  }
}
