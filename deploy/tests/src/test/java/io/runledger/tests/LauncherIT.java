package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.projection.Projection;
import io.runledger.sqlite.SqliteProjection;
import io.runledger.tests.Distribution.Result;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What bin/runledger does before and around any verb. */
class LauncherIT {

  @TempDir private Path scratch;
  private Distribution distribution;

  @BeforeEach
  void findDistribution() {
    distribution = new Distribution(scratch);
  }

  @Test
  void theScriptFindsItsHomeThroughLinksOfLinks() throws Exception {
    Path first = scratch.resolve("a link");
    Files.createSymbolicLink(first, distribution.script("bin/runledger"));
    Path second = scratch.resolve("second");
    Files.createSymbolicLink(second, Path.of("a link"));

    Result result = distribution.runCommand(Map.of(), second, "version");

    assertThat(result.err()).isEmpty();
    assertThat(result.out()).startsWith("runledger ");
    assertThat(result.code()).isZero();
  }

  @Test
  void aJavaHomeWithoutJavaIsToldInOneSentence() throws Exception {
    Result result = distribution.run(Map.of("JAVA_HOME", scratch.toString()), "version");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains(scratch.toString()).hasLineCount(1);
  }

  @Test
  void aStackThatMayOpenTooFewFilesIsRefusedInOneSentence() throws Exception {
    Result result =
        distribution.runCommand(
            Map.of(),
            Path.of("/bin/bash"),
            "-c",
            "ulimit -n 128; exec \"$0\" up --data \"$1\"",
            distribution.script("bin/runledger").toString(),
            scratch.resolve("few").toString());

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).hasLineCount(1).contains("128 are allowed", "ulimit -n 4096");
  }

  @ParameterizedTest
  @CsvSource({"'', true", "1, false"})
  void statusesAreColoredOnATerminalWhoseUserWantsIt(String noColor, boolean colored)
      throws Exception {
    Path database = scratch.resolve("colors.db");
    Events job = Events.ofName("vision", "training", new UUID(1, 1));
    try (Projection projection = Deliveries.claimed(SqliteProjection.open(database))) {
      Deliveries.deliver(projection, job.started(), job.completed());
    }
    Map<String, String> environment = Map.of("TERM", "xterm", "NO_COLOR", noColor);

    // script(1) makes a terminal.
    Result onTerminal =
        distribution.runCommand(
            environment,
            Path.of("/usr/bin/script"),
            "-qec",
            "'%s' list --db '%s'".formatted(distribution.script("bin/runledger"), database),
            "/dev/null");
    Result inPipe = distribution.run(environment, "list", "--db", database.toString());

    assertThat(onTerminal.out().contains("\033[32mcompleted\033[0m")).isEqualTo(colored);
    assertThat(onTerminal.out()).contains("completed");
    assertThat(inPipe.out()).contains("completed").doesNotContain("\033");
  }

  @Test
  void manFindsAPageOfEachVerb() throws Exception {
    assertThat(distribution.script("share/man/man1/runledger-list.1"))
        .content()
        .startsWith(".TH \"RUNLEDGER\\-LIST\" 1");
    assertThat(distribution.script("share/man/man1/runledger-token-create.1")).isRegularFile();
  }

  @Test
  void aDatabaseSaysByWhichVersionItWasBuilt() throws Exception {
    Path database = scratch.resolve("runs.db");
    Path spool = Files.createDirectory(scratch.resolve("spool"));
    String version =
        distribution
            .run(Map.of(), "version")
            .out()
            .lines()
            .findFirst()
            .orElseThrow()
            .split(" ", 2)[1];

    Result result =
        distribution.run(
            Map.of(),
            "follow",
            "--db",
            database.toString(),
            "--spool",
            spool.toString(),
            "--idle-exit",
            "1s");

    assertThat(result.code()).as(result.err()).isZero();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        ResultSet found =
            connection
                .createStatement()
                .executeQuery("SELECT value FROM projection_info WHERE name = 'builder_version'")) {
      assertThat(found.next()).isTrue();
      assertThat(found.getString(1)).isEqualTo(version).matches("[0-9]+\\..*");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lib", "stack/broker"})
  void eachJarOfOthersIsInTheListWithItsLicence(String directory) throws Exception {
    Path place = distribution.script(directory);
    String list = Files.readString(place.resolve("THIRD-PARTY.txt"));
    List<String> jars;
    try (Stream<Path> files = Files.list(place)) {
      jars =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".jar") && !name.startsWith("runledger-"))
              .toList();
    }

    assertThat(jars).hasSizeGreaterThan(20);
    assertThat(jars)
        .allSatisfy(
            jar ->
                assertThat(list)
                    .containsPattern(
                        "(?m)^%s\n  library  .+\n  licence  .+\n  address  http.+"
                            .formatted(Pattern.quote(jar))));
    assertThat(place.resolve("licenses")).isDirectory();
    assertThat(distribution.script("lib/licenses/EPL-2.0.txt")).isRegularFile();
  }

  @Test
  void anOldJavaIsRefusedByName() throws Exception {
    Path java = scratch.resolve("old/bin/java");
    Files.createDirectories(java.getParent());
    Files.writeString(java, "#!/bin/sh\nexit 9\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.writeString(scratch.resolve("old/release"), "JAVA_VERSION=\"11.0.2\"\n");

    Result result =
        distribution.run(Map.of("JAVA_HOME", scratch.resolve("old").toString()), "version");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("Java 11.0.2").contains("17");
  }

  @Test
  void aMistypedVerbAndAMistypedOptionAreUsageErrors() throws Exception {
    Result verb = distribution.run(Map.of(), "lst");
    Result option = distribution.run(Map.of(), "list", "--jsn");

    assertThat(verb.code()).isEqualTo(2);
    assertThat(verb.err()).contains("list");
    assertThat(verb.out()).isEmpty();
    assertThat(option.code()).isEqualTo(2);
    assertThat(option.out()).isEmpty();
  }

  @Test
  void doctorWithServersThatHangNamesEachCauseAndEnds() throws Exception {
    long began = System.nanoTime();
    try (ServerSocket hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + hanging.getLocalPort();

      Result result =
          distribution.run(
              Map.of("RUNLEDGER_SCHEMA_REGISTRY_URL", "http://me:hunter2@" + address),
              "doctor",
              "--bootstrap-server",
              address);

      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
      assertThat(result.code()).isEqualTo(1);
      assertThat(result.err()).isEmpty();
      assertThat(result.out()).doesNotContain("hunter2");
      assertThat(result.out().lines())
          .anyMatch(line -> line.matches("ok +java .*"))
          .anyMatch(line -> line.matches("failed +broker .*" + address + ".*"))
          .anyMatch(line -> line.matches("failed +registry .*did not answer.*"))
          .anyMatch(line -> line.matches("failed +database .*There is no database.*"))
          .anyMatch(line -> line.matches("warning +clock .*"));
    }
  }

  @Test
  void configShowTellsOriginsAndMasksSecrets() throws Exception {
    Path file = scratch.resolve("some.properties");
    Files.writeString(file, "db=/data/lab.db\nbasic.auth.user.info=me:hunter2\n");

    Result result =
        distribution.run(
            Map.of("RUNLEDGER_KAFKA_SSL_KEY_PASSWORD", "hunter2", "RUNLEDGER_GROUP_ID", "lab"),
            "config",
            "show",
            "--config",
            file.toString());

    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("db\t/data/lab.db\t" + file)
        .contains("group.id\tlab\tenvironment RUNLEDGER_GROUP_ID")
        .contains("kafka.ssl.key.password\t")
        .contains("basic.auth.user.info\t");
    assertThat(result.out() + result.err()).doesNotContain("hunter2");
  }

  @Test
  void aStackTraceIsPrintedOnDemandOnly() throws Exception {
    String missing = scratch.resolve("none.db").toString();

    Result plain = distribution.run(Map.of(), "sql", "SELECT 1", "--db", missing);
    Result debug = distribution.run(Map.of(), "sql", "SELECT 1", "--db", missing, "--debug");

    assertThat(plain.code()).isEqualTo(3);
    assertThat(plain.err()).contains(missing).hasLineCount(1);
    assertThat(debug.err()).contains("\tat io.runledger.");
  }

  @Test
  void theFirstReadLeavesTheClassesThatTheNextOnesMap() throws Exception {
    Path database = scratch.resolve("runledger.db");
    SqliteProjection.open(database).close();
    Path cache = scratch.resolve("cache");
    Map<String, String> environment = Map.of("XDG_CACHE_HOME", cache.toString());

    Result missing =
        distribution.run(environment, "list", "--db", scratch.resolve("none.db").toString());
    List<Path> afterFailure = archives(cache);
    Result first = distribution.run(environment, "list", "--db", database.toString());
    List<Path> afterFirst = archives(cache);
    FileTime made = Files.getLastModifiedTime(afterFirst.get(0));
    Result second = distribution.run(environment, "list", "--db", database.toString());

    assertThat(missing.code()).isEqualTo(3);
    assertThat(afterFailure).isEmpty();
    assertThat(afterFirst).hasSize(1);
    assertThat(Files.getPosixFilePermissions(afterFirst.get(0).getParent()))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    assertThat(second).isEqualTo(first);
    assertThat(second.code()).isZero();
    assertThat(archives(cache)).isEqualTo(afterFirst);
    assertThat(Files.getLastModifiedTime(afterFirst.get(0))).isEqualTo(made);
  }

  @Test
  void aTableIsAsWideAsItsTerminalAndIsNotCutInAPipe() throws Exception {
    Path database = scratch.resolve("runledger.db");
    SqliteProjection.open(database).close();
    String name = "grid/" + "x".repeat(150) + "/seed-17";
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO experiment_runs (run_id, identity, run_name) VALUES (1, 'instance', ?)")) {
      insert.setString(1, name);
      insert.executeUpdate();
    }

    Result piped = distribution.run(Map.of(), "list", "--db", database.toString());
    Result shown =
        distribution.runCommand(
            Map.of("NO_COLOR", "1"),
            Path.of("/usr/bin/script"),
            "--quiet",
            "--return",
            "--command",
            "stty cols 90; exec '%s' list --db '%s'"
                .formatted(distribution.script("bin/runledger"), database),
            "/dev/null");

    assertThat(piped.code()).as(piped.err()).isZero();
    assertThat(piped.out()).contains(name);
    assertThat(shown.code()).as(shown.out()).isZero();
    assertThat(shown.out()).contains("…").contains("/seed-17").doesNotContain(name);
    assertThat(shown.out().lines()).hasSize(2).allMatch(line -> line.length() <= 90);
  }

  @Test
  void anAnswerThatStdoutDoesNotTakeIsNotGivenAsAWholeOne() throws Exception {
    Path database = scratch.resolve("runledger.db");
    SqliteProjection.open(database).close();

    for (String words :
        List.of(
            "list --json --db " + database,
            "sql --csv --db " + database + " 'SELECT 1'",
            "version",
            "list --help",
            "exec --help")) {
      Result full = bash("\"$0\" " + words + " > /dev/full");

      assertThat(full.code()).as(words).isEqualTo(1);
      assertThat(full.err())
          .as(words)
          .hasLineCount(1)
          .startsWith("runledger: The output is incomplete: cannot write to stdout");
    }
  }

  @Test
  void whoReadsOnlyTheFirstLinesOfAnAnswerHearsNoComplaint() throws Exception {
    Path database = scratch.resolve("runledger.db");
    SqliteProjection.open(database).close();

    Result head =
        bash(
            ("\"$0\" sql --csv --db %s 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                    + " LIMIT 100000) SELECT i FROM n' | head -1; exit \"${PIPESTATUS[0]}\"")
                .formatted(database));

    assertThat(head.err()).isEmpty();
    assertThat(head.out()).hasLineCount(1);
    assertThat(head.code()).isZero();
  }

  private Result bash(String script) throws IOException, InterruptedException {
    return distribution.runCommand(
        Map.of(),
        Path.of("/bin/bash"),
        "-c",
        script,
        distribution.script("bin/runledger").toString());
  }

  @Test
  @Tag("long")
  void whatIsKeptIsAllThatAnotherVerbNeeds() throws Exception {
    Path database = scratch.resolve("runledger.db");
    SqliteProjection.open(database).close();
    String cache = scratch.resolve("cache").toString();
    Path log = scratch.resolve("classes.txt");

    Result first =
        distribution.run(Map.of("XDG_CACHE_HOME", cache), "list", "--db", database.toString());
    Result other =
        distribution.run(
            Map.of("XDG_CACHE_HOME", cache, "RUNLEDGER_JAVA_OPTS", "-Xlog:class+load:file=" + log),
            "errors",
            "--db",
            database.toString());

    assertThat(first.code()).isZero();
    assertThat(other.code()).isZero();
    assertThat(Distribution.text(log))
        .contains("picocli.CommandLine source: shared objects file")
        .contains("org.sqlite.core.NativeDB source: shared objects file")
        .contains("ErrorsCommand source: shared objects file")
        .doesNotContain("source: file:");
  }

  @Test
  void helpLeavesNothingAndNeedsNoDatabase() throws Exception {
    Path cache = scratch.resolve("cache");

    Result help = distribution.run(Map.of("XDG_CACHE_HOME", cache.toString()), "list", "--help");

    assertThat(help.code()).isZero();
    assertThat(help.out()).contains("Usage: runledger list");
    assertThat(help.err()).isEmpty();
    assertThat(archives(cache)).isEmpty();
  }

  @Test
  void whereNothingCanBeKeptVerbsWorkAllTheSame() throws Exception {
    Path database = scratch.resolve("runledger.db");
    SqliteProjection.open(database).close();
    Path file = Files.writeString(scratch.resolve("a file"), "");
    Map<String, String> nowhere = Map.of("XDG_CACHE_HOME", file.toString());

    Result list = distribution.run(nowhere, "list", "--json", "--db", database.toString());
    Result sql = distribution.run(nowhere, "sql", "SELECT 7 AS seven", "--db", database.toString());

    assertThat(list.err()).isEmpty();
    assertThat(list.out()).contains("\"runs\"");
    assertThat(list.code()).isZero();
    assertThat(sql.err()).isEmpty();
    assertThat(sql.out()).isEqualTo("seven\n7\n");
    assertThat(sql.code()).isZero();
  }

  @Test
  void whereNoArchiveCanBeMadeItIsTriedOnce() throws Exception {
    Path database = scratch.resolve("runledger.db");
    SqliteProjection.open(database).close();
    Path cache = scratch.resolve("cache");
    Path java = scratch.resolve("jdk/bin/java");
    Files.createDirectories(java.getParent());
    Path real = Path.of(System.getProperty("java.home"));
    Files.writeString(
        java,
        """
        #!/bin/sh
        case "$*" in *-Xshare:dump*) exit 1 ;; esac
        exec '%s' "$@"
        """
            .formatted(real.resolve("bin/java")));
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.copy(real.resolve("release"), scratch.resolve("jdk/release"));
    Map<String, String> environment =
        Map.of("XDG_CACHE_HOME", cache.toString(), "JAVA_HOME", scratch.resolve("jdk").toString());

    Result first = distribution.run(environment, "list", "--json", "--db", database.toString());
    List<Path> kept = archives(cache);
    FileTime tried = Files.getLastModifiedTime(kept.get(0));
    Result second = distribution.run(environment, "list", "--json", "--db", database.toString());

    assertThat(kept).hasSize(1);
    assertThat(kept.get(0)).isEmptyFile();
    assertThat(Files.getLastModifiedTime(archives(cache).get(0))).isEqualTo(tried);
    assertThat(second).isEqualTo(first);
  }

  @Test
  @Tag("long")
  void theFirstExecLeavesTheClassesThatTheNextOnesMapAndNoneParsesArguments() throws Exception {
    Path cache = scratch.resolve("cache");
    Path log = scratch.resolve("classes.txt");
    Map<String, String> environment =
        Map.of(
            "XDG_CACHE_HOME",
            cache.toString(),
            "RUNLEDGER_SPOOL",
            scratch.resolve("spool").toString(),
            "RUNLEDGER_CLOSE_TIMEOUT_MS",
            "1");
    Map<String, String> logging = new HashMap<>(environment);
    logging.put("RUNLEDGER_JAVA_OPTS", "-Xlog:class+load:file=" + log);
    String[] words = {"exec", "--seed", "1", "--", "sh", "-c", "echo ran; exit 7"};

    Result first = distribution.run(environment, words);
    List<Path> afterFirst = archives(cache);
    Result second = distribution.run(logging, words);

    assertThat(first.code()).isEqualTo(7);
    assertThat(first.out()).isEqualTo("ran\n");
    assertThat(afterFirst).hasSize(1).allMatch(path -> path.toFile().length() > 1_000_000);
    assertThat(second.code()).isEqualTo(7);
    assertThat(second.out()).isEqualTo("ran\n");
    assertThat(archives(cache)).isEqualTo(afterFirst);
    assertThat(Distribution.text(log))
        .contains("agent.Wrapper source: shared objects file")
        .contains("client.sender.SpoolSender source: shared objects file")
        .doesNotContain(
            "picocli.CommandLine$Model", "ch.qos.logback", "org.sqlite", "sun.security.x509");
  }

  @Test
  void noFileOfOursStandsInThePlaceOfAClosedDescriptor() throws Exception {
    Path seen = scratch.resolve("seen");
    Map<String, String> environment =
        Map.of(
            "RUNLEDGER_SPOOL",
            scratch.resolve("spool").toString(),
            "RUNLEDGER_SENDER_ENABLED",
            "false");
    // Of the launcher, of all that it started, and of the command.
    String look =
        """
        launcher=$(ps -o ppid= -p $PPID)
        for process in $launcher $(pgrep -P $launcher) $(for child in $(pgrep -P $launcher); do pgrep -P $child; done); do
          for descriptor in 0 1 2; do readlink /proc/$process/fd/$descriptor; done
        done > "$0"
        exit 0
        """;
    for (String closed :
        List.of("<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-")) {
      Result result =
          distribution.runCommand(
              environment,
              Path.of("/bin/bash"),
              "-c",
              "exec \"$0\" exec --seed 1 -- bash -c \"$1\" \"$2\" " + closed,
              distribution.script("bin/runledger").toString(),
              look,
              seen.toString());

      assertThat(result.code()).as(closed + ": " + result.err()).isZero();
      assertThat(Distribution.text(seen).lines())
          .as(closed)
          .hasSizeGreaterThan(5)
          .noneMatch(file -> file.matches(".*(\\.jar|\\.avro|\\.lock|\\.sh|lib/modules)( .*)?"))
          .noneMatch(file -> file.startsWith(scratch.resolve("spool").toString()));
    }
  }

  @Test
  void whoIsToldToEndLeavesNoArchive() throws Exception {
    Path cache = scratch.resolve("cache");
    Map<String, String> environment =
        Map.of("XDG_CACHE_HOME", cache.toString(), "RUNLEDGER_CLOSE_TIMEOUT_MS", "1");
    String signalled =
        "trap 'exit 9' TERM; kill -TERM $(ps -o ppid= -p $PPID); while :; do sleep 0.05; done";

    Result ended = distribution.run(environment, "exec", "--", "bash", "-c", signalled);

    assertThat(ended.code()).isEqualTo(9);
    assertThat(archives(cache)).isEmpty();
  }

  private static List<Path> archives(Path cache) throws IOException {
    Path directory = cache.resolve("runledger");
    if (!Files.exists(directory)) {
      return List.of();
    }
    try (var files = Files.list(directory)) {
      return files.toList();
    }
  }

  @Test
  void theLibrariesHoldOneLoggingBindingAndNoVersionTwice() throws IOException {
    try (var jars = Files.list(distribution.script("lib"))) {
      var names = jars.map(jar -> jar.getFileName().toString()).filter(n -> n.endsWith(".jar"));
      var list = names.toList();

      assertThat(list)
          .filteredOn(name -> name.matches("(logback-classic|slf4j-(simple|nop|reload4j|jdk14)).*"))
          .hasSize(1);
      assertThat(list.stream().map(name -> name.replaceFirst("-\\d.*", "")))
          .doesNotHaveDuplicates();
    }
  }
}
