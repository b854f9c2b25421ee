package io.runledger.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.File;
import java.io.FileInputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which room may use which: a dependency that is not in this table is a mistake. */
class RoomsTest {

  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_PACKAGE_INFOS)
          .importPackages("io.runledger");

  /** The approximate maximum of classes in a package. */
  private static final long A_SCREEN = 22;

  /** A package with all below it. */
  enum Room {
    SCHEMAS,
    FILES,
    CONFIG,
    CHECK,
    HTTP,
    OPTIONS,
    SERDE,
    SPOOL,
    CLIENT,
    AGENT,
    GATEWAY,
    IMPORTS,
    EXAMPLE,
    FOLD,
    ROWS,
    SQLITE,
    POSTGRES,
    CONTRACT,
    SERVICE,
    QUERY,
    WEB,
    STACK,
    BENCH,
    CLI,
    WHEEL;

    String packages() {
      return "io.runledger." + name().toLowerCase(Locale.ROOT) + "..";
    }

    Set<Room> mayUse() {
      return switch (this) {
        case SCHEMAS, FILES, WHEEL -> Set.of();
        case CONFIG -> Set.of(FILES);
        case CHECK -> Set.of(CONFIG);
        case HTTP -> Set.of(FILES, CONFIG);
        // The words by which runs are chosen are those of the events: the five statuses.
        case OPTIONS -> Set.of(SCHEMAS, FILES, CONFIG, CHECK);
        case SERDE -> Set.of(SCHEMAS, FILES, CONFIG);
        case SPOOL -> Set.of(SCHEMAS, FILES, CONFIG, SERDE);
        case FOLD -> Set.of(SCHEMAS, CONFIG);
        case ROWS -> Set.of(SCHEMAS, CONFIG, FOLD);
        case SQLITE -> Set.of(SCHEMAS, FILES, CONFIG, SERDE, FOLD, ROWS);
        case POSTGRES -> Set.of(SCHEMAS, CONFIG, FOLD, ROWS);
        case CONTRACT -> Set.of(SCHEMAS, CONFIG, FOLD);
        case CLIENT -> Set.of(SCHEMAS, FILES, CONFIG, CHECK, SERDE, SPOOL);
        case STACK -> Set.of(SCHEMAS, FILES, CONFIG, CHECK, HTTP, OPTIONS, SERDE);
        case AGENT -> Set.of(SCHEMAS, FILES, CONFIG, CHECK, HTTP, OPTIONS, SERDE, CLIENT);
        case GATEWAY -> Set.of(SCHEMAS, FILES, CONFIG, HTTP, SPOOL, CLIENT);
        case IMPORTS -> Set.of(SCHEMAS, FILES, CONFIG, OPTIONS, SPOOL, CLIENT, AGENT);
        case EXAMPLE -> Set.of(SCHEMAS, FILES, CONFIG, CLIENT);
        case SERVICE ->
            Set.of(
                SCHEMAS, FILES, CONFIG, CHECK, HTTP, OPTIONS, SERDE, SPOOL, FOLD, SQLITE, POSTGRES);
        case QUERY -> Set.of(SCHEMAS, FILES, CONFIG, OPTIONS);
        case WEB -> Set.of(SCHEMAS, FILES, CONFIG, HTTP, OPTIONS, QUERY);
        case BENCH ->
            Set.of(
                SCHEMAS, FILES, CONFIG, OPTIONS, SERDE, CLIENT, FOLD, SQLITE, POSTGRES, SERVICE,
                QUERY, STACK);
        case CLI ->
            Set.of(
                SCHEMAS, FILES, CONFIG, CHECK, HTTP, OPTIONS, SERDE, CLIENT, AGENT, GATEWAY,
                IMPORTS, SERVICE, QUERY, WEB, STACK);
      };
    }

    String[] others() {
      return EnumSet.allOf(Room.class).stream()
          .filter(room -> room != this && !mayUse().contains(room))
          .map(Room::packages)
          .toArray(String[]::new);
    }
  }

  /** Packages outside of ours that a room may not use. */
  record Ban(Room room, String what, List<String> packages) {
    @Override
    public String toString() {
      return room + " without " + what;
    }
  }

  static Stream<Ban> bans() {
    List<String> sql =
        List.of("java.sql..", "javax.sql..", "org.sqlite..", "org.jdbi..", "org.flywaydb..");
    List<String> drivers =
        List.of("org.sqlite..", "org.postgresql..", "org.jdbi..", "org.flywaydb..");
    List<String> kafka = List.of("org.apache.kafka..");
    List<String> commandLine = List.of("picocli..");
    List<String> pages = List.of("io.javalin..", "org.jdbi..");
    return Stream.of(
        new Ban(Room.SCHEMAS, "files", List.of("java.nio.file..", "java.nio.channels..")),
        new Ban(Room.SCHEMAS, "network", List.of("java.net..", "org.apache.kafka..")),
        new Ban(Room.SCHEMAS, "SQL", sql),
        new Ban(Room.CONFIG, "Kafka", kafka),
        new Ban(Room.CHECK, "Kafka", kafka),
        new Ban(Room.CHECK, "SQL", sql),
        new Ban(Room.CHECK, "a command line", commandLine),
        new Ban(Room.CONFIG, "network", List.of("com.sun.net.httpserver..", "java.net.http..")),
        new Ban(Room.HTTP, "Kafka", kafka),
        new Ban(Room.HTTP, "SQL", sql),
        // Rooms on a job's class path, which has no picocli.
        new Ban(Room.CONFIG, "a command line", commandLine),
        new Ban(Room.SERDE, "a command line", commandLine),
        new Ban(Room.SPOOL, "a command line", commandLine),
        new Ban(Room.CLIENT, "a command line", commandLine),
        new Ban(Room.SERDE, "SQL", sql),
        new Ban(Room.SPOOL, "SQL", sql),
        new Ban(Room.SPOOL, "Kafka", kafka),
        new Ban(Room.CLIENT, "SQL", sql),
        new Ban(Room.AGENT, "SQL", sql),
        new Ban(Room.GATEWAY, "SQL", sql),
        new Ban(
            Room.GATEWAY, "a server of its own", List.of("io.javalin..", "org.eclipse.jetty..")),
        // It reads the databases of others, by the driver alone.
        new Ban(Room.IMPORTS, "Kafka", kafka),
        new Ban(Room.EXAMPLE, "SQL", sql),
        new Ban(Room.EXAMPLE, "Kafka", kafka),
        new Ban(Room.FOLD, "Kafka", kafka),
        new Ban(Room.FOLD, "SQL", sql),
        new Ban(Room.ROWS, "Kafka", kafka),
        new Ban(Room.ROWS, "a driver", drivers),
        new Ban(Room.SQLITE, "Kafka", kafka),
        new Ban(Room.SQLITE, "another store's driver", List.of("org.postgresql..")),
        new Ban(Room.POSTGRES, "Kafka", kafka),
        new Ban(Room.POSTGRES, "another store's driver", List.of("org.sqlite..")),
        new Ban(Room.QUERY, "Kafka", kafka),
        new Ban(Room.WEB, "Kafka", kafka),
        new Ban(Room.WEB, "SQL", sql),
        new Ban(Room.SERVICE, "pages and query code", pages),
        new Ban(Room.SERVICE, "SQL", sql),
        new Ban(Room.STACK, "SQL", sql));
  }

  @ParameterizedTest
  @EnumSource(Room.class)
  void aRoomUsesOnlyTheRoomsThatTheTableAllows(Room room) {
    noClasses()
        .that()
        .resideInAPackage(room.packages())
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(room.others())
        .check(HOUSE);
  }

  @ParameterizedTest
  @MethodSource("bans")
  void aRoomKeepsAwayFromWhatIsNotItsOwn(Ban ban) {
    noClasses()
        .that()
        .resideInAPackage(ban.room().packages())
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ban.packages().toArray(String[]::new))
        .check(HOUSE);
  }

  /** A projection may be at a path, and a store opens it. */
  @Test
  void theFoldNamesFilesAndOpensNone() {
    noClasses()
        .that()
        .resideInAPackage(Room.FOLD.packages())
        .should()
        .dependOnClassesThat(
            JavaClass.Predicates.belongToAnyOf(
                Files.class, File.class, FileChannel.class, FileInputStream.class))
        .check(HOUSE);
  }

  /** A package is public to the room that it is in, and what others need of a room is elsewhere. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.runledger.agent.slurm",
        "io.runledger.gateway.intake",
        "io.runledger.imports.files",
        "io.runledger.imports.lines",
        "io.runledger.imports.tools",
        "io.runledger.postgres.copy",
        "io.runledger.postgres.schema",
        "io.runledger.service.alert",
        "io.runledger.service.database",
        "io.runledger.service.deadletters",
        "io.runledger.service.group",
        "io.runledger.service.live",
        "io.runledger.service.log",
        "io.runledger.service.spool",
        "io.runledger.service.stop",
        "io.runledger.query.connection",
        "io.runledger.query.connection.postgres",
        "io.runledger.query.connection.sqlite",
        "io.runledger.query.dialect",
        "io.runledger.query.sql",
        "io.runledger.query.sql.columns",
        "io.runledger.query.sql.grouped",
        "io.runledger.web.api",
        "io.runledger.web.health",
        "io.runledger.web.security",
      })
  void whatARoomHidesIsUsedByItAlone(String hidden) {
    String room = "io.runledger." + hidden.split("\\.", -1)[2];

    assertThat(HOUSE.that(JavaClass.Predicates.resideInAPackage(hidden))).isNotEmpty();
    noClasses()
        .that()
        .resideOutsideOfPackage(room + "..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(hidden)
        .check(HOUSE);
  }

  @Test
  void packagesFormNoCycle() {
    slices().matching("io.runledger.(**)").should().beFreeOfCycles().check(HOUSE);
  }

  @Test
  void noPackageHasMoreClassesThanFitAScreen() {
    Map<String, Long> sizes =
        HOUSE.stream()
            .filter(JavaClass::isTopLevelClass)
            // Generated from the schemas.
            .filter(each -> !each.getPackageName().equals("io.runledger.schemas.event"))
            .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));

    assertThat(sizes).hasSizeGreaterThan(20);
    sizes.forEach((name, size) -> assertThat(size).as(name).isLessThanOrEqualTo(A_SCREEN));
  }

  @Test
  void everyClassIsInARoom() {
    List<String> packages = Arrays.stream(Room.values()).map(Room::packages).toList();

    assertThat(HOUSE)
        .filteredOn(
            DescribedPredicate.not(
                JavaClass.Predicates.resideInAnyPackage(packages.toArray(String[]::new))))
        .isEmpty();
  }

  @Test
  void theTestSeesTheWholeHouse() {
    for (Room room : Room.values()) {
      assertThat(HOUSE.that(JavaClass.Predicates.resideInAPackage(room.packages())))
          .as(room.toString())
          .isNotEmpty();
    }
  }
}
