package io.runledger.web;

import io.runledger.config.Configuration;
import io.runledger.config.DatabaseLocation;
import io.runledger.config.Setting;
import java.nio.file.Path;

/**
 * What a server serves, and where.
 *
 * @param database the database
 * @param directory where this machine keeps files that belong to a database on a server
 * @param spool the spool of this machine, which may hold what a run is missing
 * @param host address to listen on
 * @param port port to listen on; 0 takes any free one
 * @param allowedHosts further names that the server answers to, with commas between them
 * @param isTokenRequired whether also who asks from this machine needs a token
 * @param serviceHost where the service that applies events answers how it does
 * @param servicePort its port; 0 or less where it is not known
 */
public record WebSettings(
    DatabaseLocation database,
    Path directory,
    Path spool,
    String host,
    int port,
    String allowedHosts,
    boolean isTokenRequired,
    String serviceHost,
    int servicePort) {

  /** A file, of which nothing is known of the service that applies events. */
  public WebSettings(
      Path database,
      Path spool,
      String host,
      int port,
      String allowedHosts,
      boolean isTokenRequired) {
    this(
        new DatabaseLocation.File(database),
        database.toAbsolutePath().getParent(),
        spool,
        host,
        port,
        allowedHosts,
        isTokenRequired,
        host,
        -1);
  }

  public static WebSettings of(Configuration configuration) {
    return new WebSettings(
        configuration.database(),
        configuration.path(Setting.DATA_DIR),
        configuration.path(Setting.SPOOL),
        configuration.get(Setting.WEB_HOST),
        Integer.parseInt(configuration.get(Setting.WEB_PORT)),
        configuration.get(Setting.WEB_ALLOWED_HOSTS),
        Boolean.parseBoolean(configuration.get(Setting.WEB_TOKEN_REQUIRED)),
        configuration.get(Setting.HEALTH_HOST),
        Integer.parseInt(configuration.get(Setting.HEALTH_PORT)));
  }
}
