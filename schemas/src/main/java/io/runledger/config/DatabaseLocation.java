package io.runledger.config;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where a database is, as the setting {@code db} says. Its text form is safe to print. */
public sealed interface DatabaseLocation {

  /**
   * A SQLite file.
   *
   * @param path the path that users name
   */
  record File(Path path) implements DatabaseLocation {

    @Override
    public String toString() {
      return path.toString();
    }
  }

  /**
   * A ledger on a PostgreSQL server.
   *
   * @param url for the JDBC driver, {@code jdbc:postgresql://...}; may contain a password
   */
  record Server(String url) implements DatabaseLocation {

    /**
     * Statements that each session begins with: a role or a database may have settings of its own,
     * and none may round a number or read our statements otherwise.
     */
    public static final String EXACT =
        """
        SET extra_float_digits = 3;
        SET standard_conforming_strings = on;
        SET transform_null_equals = off;
        """;

    private static final String JDBC = "jdbc:postgresql:";

    /** As PostgreSQL's own programs write a URL. */
    private static final Pattern LIBPQ = Pattern.compile("postgres(ql)?://.*");

    private static final Pattern USER_BEFORE_HOST = Pattern.compile("jdbc:postgresql://[^/?]*@.*");

    private static final Pattern PASSWORD =
        Pattern.compile("[?&](ssl)?password=", Pattern.CASE_INSENSITIVE);

    /** The server that a value names; empty for a file. */
    public static Optional<Server> of(String value) {
      return value.startsWith(JDBC) ? Optional.of(new Server(value)) : Optional.empty();
    }

    /**
     * What is wrong with a value that was meant to name a server, to follow its name; empty where
     * none was. Does not repeat the value.
     */
    public static Optional<String> complaint(String value) {
      if (USER_BEFORE_HOST.matcher(value).matches()) {
        return Optional.of(
            "must name the user as a parameter, and not before an @; a password belongs into ~/.pgpass (jdbc:postgresql://HOST:PORT/DATABASE?user=NAME)");
      }
      if (LIBPQ.matcher(value).matches()) {
        return Optional.of(
            "must be a file or begin with jdbc:postgresql: (jdbc:postgresql://HOST:PORT/DATABASE?user=NAME)");
      }
      return value.startsWith("jdbc:") && of(value).isEmpty()
          ? Optional.of(
              "must be a file, or a PostgreSQL server as jdbc:postgresql://HOST:PORT/DATABASE")
          : Optional.empty();
    }

    /**
     * Refuses a server's password in what was typed as {@code --db}.
     *
     * @throws InvalidConfigurationException when there is one
     */
    public static void refusePassword(String typed) {
      if (of(typed).isPresent() && PASSWORD.matcher(typed).find()) {
        throw new InvalidConfigurationException(
            "A password in --db can be read by everybody who lists the processes of this machine; put it into ~/.pgpass, or the URL into the environment as RUNLEDGER_DB.");
      }
    }

    /** The URL with its passwords masked. */
    @Override
    public String toString() {
      return Secrets.builtIn().text(url);
    }
  }
}
