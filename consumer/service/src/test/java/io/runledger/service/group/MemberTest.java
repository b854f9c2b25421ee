package io.runledger.service.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MemberTest {

  @Test
  void anOwnerIsReadBackAsTheMemberThatItIs() {
    Member member = new Member("lab/runledger", "node7-4f1c");

    assertThat(member.owner()).isEqualTo("lab/runledger/node7-4f1c");
    assertThat(Member.of(member.owner())).hasValue(member);
  }

  @Test
  void anOwnerOfAnOlderVersionAndARebuildAreNoMembers() {
    assertThat(Member.of("node7-0a1b2c3d4e5f")).isEmpty();
    assertThat(Member.of("rebuild")).isEmpty();
    assertThat(Member.of("/x")).isEmpty();
    assertThat(Member.of("g/")).isEmpty();
  }

  @Test
  void aNameWithASlashWouldBeReadAsAnotherGroup() {
    assertThatThrownBy(() -> new Member("g", "a/b")).isInstanceOf(IllegalArgumentException.class);
  }
}
