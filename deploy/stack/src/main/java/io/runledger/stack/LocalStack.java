package io.runledger.stack;

import com.sun.management.UnixOperatingSystemMXBean;
import io.runledger.config.Configuration;
import io.runledger.config.DatabaseLocation;
import io.runledger.config.Setting;
import io.runledger.files.PrivateFiles;
import io.runledger.schemas.TopicNames;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * A real Kafka broker and a real schema registry as child processes on loopback, with the topics
 * and schemas of Runledger; their data in one directory that survives a restart. The children end
 * with this process, however it ends. Thread-safe.
 */
public final class LocalStack implements AutoCloseable {

  private static final String PROPERTIES = "stack.properties";

  /**
   * Open files of a broker with our topics: its jars, and four files per segment for sixteen
   * partitions, doubled.
   */
  private static final int LEAST_DESCRIPTORS = 512;

  /**
   * What a first start writes, with some room to spare: without it, it would end in a stack trace.
   */
  private static final long LEAST_ROOM = 4 << 20;

  private static final String REMEMBERED = "remembered.properties";

  private final Path directory;
  private final StackLock lock;
  private final TopicNames topics;
  private final String database;
  private final String bootstrapServers;
  private final Optional<BrokerProcess> broker;
  private final RegistryProcess registry;
  private boolean closed;

  private LocalStack(
      Path directory,
      StackLock lock,
      TopicNames topics,
      String database,
      String bootstrapServers,
      Optional<BrokerProcess> broker,
      RegistryProcess registry) {
    this.directory = directory;
    this.lock = lock;
    this.topics = topics;
    this.database = database;
    this.bootstrapServers = bootstrapServers;
    this.broker = broker;
    this.registry = registry;
  }

  /**
   * Starts broker and registry and returns when both answer and have topics and schemas.
   *
   * @param dataDirectory made when it is not there
   * @throws StackInUseException when another process runs a stack in the directory
   * @throws StackFailedException when a part does not start; nothing is left running then
   */
  public static LocalStack start(Path dataDirectory, StackOptions options) {
    return start(dataDirectory, options, new Ports());
  }

  /** A broker that reaches the limit ends in a stack trace, during its start or later. */
  private static void requireDescriptors() {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        && unix.getMaxFileDescriptorCount() < LEAST_DESCRIPTORS) {
      throw new StackFailedException(
          "The local stack needs %d open files per process, but only %d are allowed here; raise the limit with 'ulimit -n 4096', and start again."
              .formatted(LEAST_DESCRIPTORS, unix.getMaxFileDescriptorCount()));
    }
  }

  private static void requireRoom(Path directory) {
    try {
      long room = Files.getFileStore(directory).getUsableSpace();
      if (room < LEAST_ROOM) {
        throw new StackFailedException(
            "The local stack needs %d KiB of disk space to start, but only %d KiB are free on the disk of %s; free some, or choose another directory with --data."
                .formatted(LEAST_ROOM >> 10, room >> 10, directory));
      }
    } catch (IOException e) {
      throw new StackFailedException("Cannot read the free space of " + directory + ".", e);
    }
  }

  static LocalStack start(Path dataDirectory, StackOptions options, Ports ports) {
    Installation installation = Installation.find();
    Path directory = dataDirectory.toAbsolutePath().normalize();
    requireDescriptors();
    createDirectories(directory);
    requireRoom(directory);
    StackLock lock = StackLock.take(directory);
    try (StartingServers servers = new StartingServers()) {
      Properties remembered = read(directory.resolve(REMEMBERED));
      StartingServers.Start<RegistryProcess> startRegistry =
          () ->
              RegistryProcess.start(
                  installation,
                  directory,
                  ports.free(port(remembered, "registry.port"), options.registryPort()));
      StartingServers.Start<BrokerProcess> startBroker =
          () ->
              BrokerProcess.start(
                  installation,
                  directory,
                  ports.free(port(remembered, "broker.port"), options.brokerPort()),
                  ports.free(port(remembered, "controller.port")));
      // Both at once: each takes seconds.
      RegistryProcess registry = servers.start(startRegistry);
      Optional<BrokerProcess> broker = Optional.empty();
      if (options.otherBroker().isEmpty()) {
        BrokerProcess first = servers.start(startBroker);
        broker = Optional.of(servers.ready(first, startBroker));
      }
      registry = servers.ready(registry, startRegistry);
      remember(directory, registry, broker, options.server());
      String address = broker.map(BrokerProcess::address).or(options::otherBroker).orElseThrow();
      LocalStack stack =
          new LocalStack(
              directory, lock, options.topics(), database(directory), address, broker, registry);
      stack.makeReady(options);
      servers.keep();
      return stack;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e instanceof RuntimeException runtime
          ? runtime
          : new StackFailedException("Cannot write to " + directory + ".", e);
    }
  }

  /** The one on a server that some start named, or the directory's own file. */
  private static String database(Path directory) throws IOException {
    return read(directory.resolve(REMEMBERED))
        .getProperty(Setting.DB.key(), directory.resolve("runledger.db").toString());
  }

  /** A restart takes the same ports, if they are still free, and the same database. */
  private static void remember(
      Path directory,
      RegistryProcess registry,
      Optional<BrokerProcess> broker,
      Optional<DatabaseLocation.Server> server)
      throws IOException {
    Properties ports = read(directory.resolve(REMEMBERED));
    server.ifPresent(database -> ports.setProperty(Setting.DB.key(), database.url()));
    ports.setProperty("registry.port", Integer.toString(registry.port()));
    broker.ifPresent(
        own -> {
          ports.setProperty("broker.port", Integer.toString(own.port()));
          ports.setProperty("controller.port", Integer.toString(own.controllerPort()));
        });
    write(directory.resolve(REMEMBERED), ports);
  }

  private void makeReady(StackOptions options) throws IOException {
    new RegistryData(directory).confirmComplete();
    TopicsInit.of(configuration()).init(options.partitions(), 1, false);
    Properties properties = new Properties();
    settings().forEach((setting, value) -> properties.setProperty(setting.key(), value));
    write(propertiesFile(), properties);
  }

  /** Host and port of the broker. */
  public String bootstrapServers() {
    return bootstrapServers;
  }

  /** URL of the registry, as {@code schema.registry.url} takes it. */
  public String registryUrl() {
    return registry.url();
  }

  /** Where all of it keeps its data. */
  public Path directory() {
    return directory;
  }

  /**
   * The broker, for fault-injection tests.
   *
   * @throws IllegalStateException when this stack did not start it
   */
  public ChildProcess broker() {
    return broker
        .map(BrokerProcess::child)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "The broker at " + bootstrapServers + " was not started by this stack."));
  }

  /** The registry, for fault-injection tests. */
  public ChildProcess registry() {
    return registry.child();
  }

  /** Waits until broker and registry answer, after one of them was started again. */
  public void awaitReady() {
    broker.ifPresent(BrokerProcess::awaitReady);
    registry.awaitReady();
  }

  /** The settings for this stack; the environment and the user's files do not count. */
  public Configuration configuration() {
    Map<String, String> flags = new LinkedHashMap<>();
    settings().forEach((setting, value) -> flags.put(setting.key(), value));
    return Configuration.load(flags, Map.of("HOME", directory.toString()), Optional.empty());
  }

  /** The same settings as a file; while the stack is stopped, it keeps jobs from sending. */
  public Path propertiesFile() {
    return directory.resolve(PROPERTIES);
  }

  private Map<Setting, String> settings() {
    Map<Setting, String> settings = new LinkedHashMap<>();
    settings.put(Setting.DATA_DIR, directory.toString());
    settings.put(Setting.DB, database);
    settings.put(Setting.SPOOL, directory.resolve("spool").toString());
    settings.put(Setting.BOOTSTRAP_SERVERS, bootstrapServers());
    settings.put(Setting.SCHEMA_REGISTRY_URL, registryUrl());
    // The user's file may name a server, and these settings say where events go instead.
    settings.put(Setting.URL, "");
    settings.put(Setting.TOPICS_PREFIX, topics.prefix());
    return settings;
  }

  /** Stops the registry, then the broker, and leaves their data. A second call does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    // The lock goes last: until then nobody else may start here.
    try (lock) {
      registry.child().stop();
      broker.ifPresent(own -> own.child().stop());
      stopSenders(propertiesFile());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + propertiesFile() + ".", e);
    }
  }

  /**
   * The file stays, so that readers find the database and jobs the spool; but another program may
   * take our ports, and no job must send to that.
   */
  static void stopSenders(Path file) throws IOException {
    if (Files.exists(file)) {
      Properties properties = read(file);
      properties.setProperty(Setting.SENDER_ENABLED.key(), "false");
      write(file, properties);
    }
  }

  private static void createDirectories(Path directory) {
    try {
      Files.createDirectories(directory, PrivateFiles.DIRECTORY);
      // The umask decides the modes of what the children write in there.
      for (String each : List.of("log", "tmp", "broker", "registry")) {
        Files.createDirectories(directory.resolve(each), PrivateFiles.DIRECTORY);
      }
    } catch (IOException e) {
      throw new StackFailedException("Cannot create the data directory " + directory + ".", e);
    }
  }

  private static int port(Properties properties, String name) {
    String port = properties.getProperty(name, "0");
    return port.matches("[0-9]{1,5}") ? Integer.parseInt(port) : 0;
  }

  /** Reads one of our files; nothing if it is missing or damaged. */
  static Properties read(Path file) throws IOException {
    Properties properties = new Properties();
    if (Files.exists(file)) {
      try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
        properties.load(reader);
      } catch (CharacterCodingException | IllegalArgumentException damaged) {
        // Treated as missing: the caller writes it again from what else is known.
        properties.clear();
      }
    }
    return properties;
  }

  static void write(Path file, Properties properties) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(fresh, PrivateFiles.FILE);
    try (Writer writer = Files.newBufferedWriter(fresh, StandardCharsets.UTF_8)) {
      properties.store(writer, "Written by the local stack of Runledger");
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
