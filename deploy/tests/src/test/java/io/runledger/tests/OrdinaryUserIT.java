package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.runledger.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a user has who is not root: root may read and write everything, so that the tests of a root
 * do not see what others are refused. Where these tests are run by somebody else, all others are
 * those of an ordinary user.
 */
class OrdinaryUserIT {

  private static final String NOBODY = "65534";

  @TempDir private Path scratch;

  /** The directories of tests are closed to others; this one, with a distribution in it, is not. */
  private Path place;

  private Path home;
  private Path spool;

  @BeforeEach
  void lay() throws IOException {
    assumeTrue(Files.getAttribute(scratch, "unix:uid").equals(0), "only root becomes another");
    place = Files.createTempDirectory("runledger-ordinary-user");
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path built = Path.of(System.getProperty("runledger.distribution"));
    for (String part : List.of("bin", "lib")) {
      try (Stream<Path> files = Files.walk(built.resolve(part))) {
        for (Path file : files.toList()) {
          Files.copy(file, place.resolve(built.relativize(file).toString()));
        }
      }
    }
    home = Files.createDirectory(place.resolve("home"));
    Files.setAttribute(home, "unix:uid", Integer.parseInt(NOBODY));
    spool = home.resolve("spool");
  }

  @AfterEach
  void remove() throws IOException {
    if (place == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(place)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private Distribution.Result asNobody(Map<String, String> more, String... words)
      throws IOException, InterruptedException {
    Map<String, String> environment = new HashMap<>();
    environment.put("HOME", home.toString());
    environment.put("XDG_CACHE_HOME", home.resolve("cache").toString());
    environment.put("TMPDIR", home.toString());
    environment.put("RUNLEDGER_SPOOL", spool.toString());
    environment.putAll(more);
    List<String> line =
        new ArrayList<>(List.of("--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--"));
    line.add(place.resolve("bin/runledger").toString());
    line.addAll(List.of(words));
    return new Distribution(scratch)
        .runCommand(environment, Path.of("/usr/bin/setpriv"), line.toArray(String[]::new));
  }

  private static String copied(Path file, Path to) throws IOException {
    Files.copy(file, to);
    Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-r--r--"));
    return to.toString();
  }

  @Test
  @Tag("long")
  void theRunOfAnOrdinaryUserReachesTheirDeskAndTheLedger() throws Exception {
    Distribution.Result exec =
        asNobody(
            Map.of("RUNLEDGER_SENDER_ENABLED", "false"),
            "exec",
            "--experiment",
            "ordinary",
            "--seed",
            "1",
            "--",
            "true");
    assertThat(exec.code()).as(exec.toString()).isZero();

    Path database = home.resolve("desk.db");
    Distribution.Result followed =
        asNobody(
            Map.of(),
            "follow",
            "--spool",
            spool.toString(),
            "--db",
            database.toString(),
            "--idle-exit",
            "1s");
    Distribution.Result listed = asNobody(Map.of(), "list", "--db", database.toString());

    assertThat(followed.code()).as(followed.toString()).isZero();
    assertThat(listed.out()).contains("ordinary/-/-/-/-/1").contains("completed");

    TestLedger ledger = TestLedger.shared(scratch);
    String settings = copied(ledger.propertiesFile(), place.resolve("ledger.properties"));
    Distribution.Result sent =
        asNobody(Map.of("RUNLEDGER_CONFIG", settings), "sync", spool.toString());

    assertThat(sent.code()).as(sent.toString()).isZero();
    assertThat(sent.err()).contains("nothing is left").doesNotContain(" 0 events sent");
    try (ServiceProcess service = ServiceProcess.start(scratch, ledger)) {
      service.awaitCaughtUp();
      Distribution.Result there =
          new Distribution(scratch)
              .run(Map.of(), "list", "--db", ledger.configuration().path(Setting.DB).toString());
      assertThat(there.out()).contains("ordinary/-/-/-/-/1").contains("completed");
    }
  }
}
