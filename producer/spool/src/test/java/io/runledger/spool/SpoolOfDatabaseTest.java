package io.runledger.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A verb that is given the database of a desk finds its spool. */
class SpoolOfDatabaseTest {

  @TempDir private Path directory;

  @Test
  void theSpoolNextToADatabaseIsItsOwnWhereItIsFollowedAndNoOtherIsNamed() throws Exception {
    Path database = directory.resolve("desk.db");
    Path spool = directory.resolve("desk.db.spool");
    Map<String, String> flags = Map.of(Setting.DB.key(), database.toString());
    Map<String, String> home = Map.of("HOME", directory.toString());
    Configuration ofDesk = Configuration.load(flags, home, Optional.empty());
    assertThat(FollowedSpool.ofDatabase(ofDesk)).isSameAs(ofDesk);

    FollowedSpool.follow(spool);

    assertThat(FollowedSpool.ofDatabase(ofDesk).path(Setting.SPOOL)).isEqualTo(spool);
    Configuration named = ofDesk.with(Setting.SPOOL, directory.resolve("other").toString());
    assertThat(FollowedSpool.ofDatabase(named)).isSameAs(named);
    Configuration unnamed = Configuration.load(Map.of(), home, Optional.empty());
    assertThat(FollowedSpool.ofDatabase(unnamed)).isSameAs(unnamed);
  }
}
