package io.runledger.stack;

import io.runledger.serde.RegistryUnavailableException;
import io.runledger.serde.SchemaRegistryClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The schema registry, with its data in a file: one that forgets its ids makes the topics
 * unreadable.
 *
 * @param child its process
 * @param port its HTTP port
 * @param log what it says
 */
record RegistryProcess(ChildProcess child, int port, Path log) {

  private static final String RUNNER = "apicurio-registry-app-3.0.9-runner.jar";

  /** Starts it, on what {@link RegistryData} leaves of its data. */
  static RegistryProcess start(Installation installation, Path directory, int port)
      throws IOException {
    RegistryData data = new RegistryData(directory);
    data.removeUnfinished(installation);
    Path log = directory.resolve("log").resolve("registry.log");
    List<String> command =
        installation.java(
            directory,
            List.of(
                "-Xmx256m",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + port,
                "-Dquarkus.log.level=WARN",
                "-Dapicurio.storage.kind=sql",
                "-Dapicurio.storage.sql.kind=h2",
                "-Dapicurio.datasource.url=jdbc:h2:file:"
                    + data.database()
                    // An id that was given out must survive a SIGKILL: the topics use it already.
                    + ";WRITE_DELAY=0",
                "-Dapicurio.datasource.jdbc.initial-size=2",
                "-Dapicurio.datasource.jdbc.min-size=2",
                "-Dapicurio.datasource.jdbc.max-size=10"),
            installation.registry().resolve(RUNNER).toString(),
            "io.quarkus.runner.GeneratedMain");
    return new RegistryProcess(ChildProcess.start(command, log), port, log);
  }

  String url() {
    return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
  }

  void awaitReady() {
    Readiness.await("registry's port", child, log, () -> Readiness.accepts(port));
    SchemaRegistryClient client = new SchemaRegistryClient(Map.of("schema.registry.url", url()));
    Readiness.await("registry", child, log, () -> answers(client));
  }

  private static boolean answers(SchemaRegistryClient client) {
    try {
      client.check();
      return true;
    } catch (RegistryUnavailableException notYet) {
      return false;
    }
  }
}
