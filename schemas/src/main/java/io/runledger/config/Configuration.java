package io.runledger.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The settings in force and where each came from: flag over environment over the file that was
 * named over the user's file over the default. Immutable.
 */
public final class Configuration {

  private static final String FLAG = "flag";
  private static final String ENVIRONMENT_FILE = "RUNLEDGER_CONFIG";
  private static final String KAFKA_ENVIRONMENT = "RUNLEDGER_KAFKA_";
  private static final String KAFKA_PREFIX = "kafka.";
  private static final String PREFIX_REFERENCE = "${topics.prefix}";

  /** Settings of ours that are Kafka properties too. */
  private static final Set<String> SHARED_WITH_KAFKA =
      Set.of(
          Setting.BOOTSTRAP_SERVERS.key(),
          Setting.SCHEMA_REGISTRY_URL.key(),
          Setting.GROUP_ID.key());

  private static final String REGISTRY_PREFIX = "schema.registry.";
  private static final String REGISTRY_AUTH_PREFIX = "basic.auth.";

  /**
   * One value as {@code runledger config show} prints it.
   *
   * @param name key of the setting or Kafka property
   * @param value the value, masked where it is a secret
   * @param origin who set it
   */
  public record Value(String name, String value, String origin) {}

  private record Entry(String value, String origin) {}

  private final Map<String, Entry> entries;
  private final UserPlaces places;

  private Configuration(Map<String, Entry> entries, UserPlaces places) {
    this.entries = Map.copyOf(entries);
    this.places = places;
  }

  /** The settings of a process that takes no file of Kafka's clients on its command line. */
  public static Configuration load(
      Map<String, String> flags, Map<String, String> environment, Optional<Path> file) {
    return load(flags, Optional.empty(), environment, file);
  }

  /**
   * Reads the settings. What is named later in this list is stronger: the default, the user's file,
   * {@code file}, the environment, {@code kafkaFile}, the flags.
   *
   * @param flags by key, as given on the command line
   * @param kafkaFile a file named on the command line with properties of Kafka's clients, in the
   *     form of Kafka's own tools
   * @param environment the environment variables
   * @param file the file named on the command line; else RUNLEDGER_CONFIG names one, if it is set
   * @throws InvalidConfigurationException when a file cannot be read, a key is unknown or a value
   *     is no good
   */
  public static Configuration load(
      Map<String, String> flags,
      Optional<Path> kafkaFile,
      Map<String, String> environment,
      Optional<Path> file) {
    Map<String, Entry> entries = new TreeMap<>();
    UserPlaces places = UserPlaces.of(environment);
    for (Path named : files(places, environment, file)) {
      entries.putAll(readFile(named));
    }
    entries.putAll(readEnvironment(environment));
    kafkaFile.ifPresent(named -> entries.putAll(readKafkaFile(named)));
    // Of two names of one thing ours is the stronger, whatever the order of the map.
    flags.entrySet().stream()
        .sorted(Comparator.comparing(flag -> !flag.getKey().startsWith(KAFKA_PREFIX)))
        .forEach(
            flag -> entries.put(checkedKey(flag.getKey(), FLAG), new Entry(flag.getValue(), FLAG)));
    return new Configuration(entries, places).checked();
  }

  /** The user's file, if it is there, and the one that is named, weaker ones first. */
  private static List<Path> files(
      UserPlaces places, Map<String, String> environment, Optional<Path> file) {
    List<Path> files = new ArrayList<>();
    if (Files.exists(places.userFile())) {
      files.add(places.userFile());
    }
    file.or(() -> namedFile(places, environment)).ifPresent(files::add);
    return files;
  }

  private static Optional<Path> namedFile(UserPlaces places, Map<String, String> environment) {
    try {
      return given(environment, ENVIRONMENT_FILE).map(places::resolve);
    } catch (InvalidPathException e) {
      throw new InvalidConfigurationException(
          "%s must be a path: %s.".formatted(ENVIRONMENT_FILE, e.getReason()));
    }
  }

  private static List<Path> filesOfJob(
      UserPlaces places,
      Map<String, String> environment,
      Optional<Path> file,
      List<String> complaints) {
    try {
      return files(places, environment, file);
    } catch (InvalidConfigurationException e) {
      complaints.add(e.getMessage());
      return files(places, Map.of(), file);
    }
  }

  /** A variable that is set to something: an empty one is the same as none. */
  private static Optional<String> given(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name))
        .map(String::strip)
        .filter(value -> !value.isEmpty());
  }

  /**
   * The settings of a job, which continues whatever they say: a file that cannot be read, a key
   * that nobody knows and a value that is no good are left out, each by itself. The Python package
   * reads them in the same way, by the test vectors of both.
   *
   * @param environment the environment variables
   * @param file a file that is named elsewhere than in the environment
   * @param complaint receives what is left out, at most once
   */
  public static Configuration forJob(
      Map<String, String> environment, Optional<Path> file, Consumer<String> complaint) {
    UserPlaces places = UserPlaces.of(environment);
    List<String> complaints = new ArrayList<>();
    Map<String, Entry> entries = new TreeMap<>();
    UserPlaces.complaint(environment).ifPresent(complaints::add);
    for (Path named : filesOfJob(places, environment, file, complaints)) {
      takeGood(readFileOfJob(named, complaints), entries, complaints);
    }
    takeGood(readEnvironment(environment), entries, complaints);
    if (!complaints.isEmpty()) {
      complaint.accept(String.join(" ", complaints) + " The job continues without it.");
    }
    return new Configuration(entries, places);
  }

  private static Map<String, Entry> readFileOfJob(Path file, List<String> complaints) {
    Map<String, Entry> entries = new TreeMap<>();
    try {
      for (PropertiesFile.Line line : PropertiesFile.read(file)) {
        String place = file + ":" + line.number();
        try {
          entries.put(checkedKey(line.key(), place), new Entry(line.value().strip(), place));
        } catch (InvalidConfigurationException unknownKey) {
          complaints.add(unknownKey.getMessage());
        }
      }
      return entries;
    } catch (InvalidConfigurationException unreadable) {
      complaints.add(unreadable.getMessage());
      return Map.of();
    }
  }

  private static void takeGood(
      Map<String, Entry> given, Map<String, Entry> entries, List<String> complaints) {
    given.forEach(
        (key, entry) ->
            Setting.ofKey(key)
                .flatMap(setting -> complaint(setting, entry))
                .ifPresentOrElse(complaints::add, () -> entries.put(key, entry)));
  }

  /** The settings of this process: its environment and the files, no flags. */
  public static Configuration ofEnvironment() {
    return load(Map.of(), System.getenv(), Optional.empty());
  }

  /** A copy in which one setting has another value, as if by a flag. */
  public Configuration with(Setting setting, String value) {
    Map<String, Entry> changed = new LinkedHashMap<>(entries);
    changed.put(setting.key(), new Entry(value, FLAG));
    return new Configuration(changed, places).checked();
  }

  /** A copy in which one setting has its default, whoever gave it a value. */
  public Configuration without(Setting setting) {
    Map<String, Entry> changed = new LinkedHashMap<>(entries);
    changed.remove(setting.key());
    return new Configuration(changed, places);
  }

  /** The value of a setting as it was given; {@link #path} resolves variables in paths. */
  public String get(Setting setting) {
    Entry entry = entries.get(setting.key());
    String value = entry == null ? setting.defaultValue() : entry.value();
    return value.contains(PREFIX_REFERENCE) && setting != Setting.TOPICS_PREFIX
        ? value.replace(PREFIX_REFERENCE, get(Setting.TOPICS_PREFIX))
        : value;
  }

  /** Whether anybody gave it a value; it has its default otherwise. */
  public boolean isSet(Setting setting) {
    return entries.containsKey(setting.key());
  }

  /** Whether its value was given on the command line, or by {@link #with}. */
  public boolean isFlag(Setting setting) {
    Entry entry = entries.get(setting.key());
    return entry != null && entry.origin().equals(FLAG);
  }

  /** Where the database is. */
  public DatabaseLocation database() {
    return DatabaseLocation.Server.of(get(Setting.DB).strip())
        .<DatabaseLocation>map(server -> server)
        .orElseGet(() -> new DatabaseLocation.File(path(Setting.DB)));
  }

  /**
   * The value as a path: {@code ~} is the home directory.
   *
   * @throws InvalidConfigurationException when it is the database, which is on a server
   */
  public Path path(Setting setting) {
    if (setting == Setting.DATA_DIR && !entries.containsKey(setting.key())) {
      return places.data();
    }
    String text = get(setting);
    if (setting == Setting.DB && DatabaseLocation.Server.of(text.strip()).isPresent()) {
      throw new InvalidConfigurationException(
          "This needs a database file, and %s (from %s) is on a server; specify a file with --db."
              .formatted(database(), entries.get(setting.key()).origin()));
    }
    if (text.contains("${data.dir}")) {
      String dataDir = setting == Setting.DATA_DIR ? "" : path(Setting.DATA_DIR).toString();
      text = text.replace("${data.dir}", dataDir);
    }
    return places.resolve(text);
  }

  /** The value as a whole number. */
  public long number(Setting setting) {
    return Long.parseLong(get(setting));
  }

  /**
   * The value as an int.
   *
   * @throws ArithmeticException when it is too large for one
   */
  public int integer(Setting setting) {
    return Math.toIntExact(number(setting));
  }

  /** The value of a setting in milliseconds. */
  public Duration millis(Setting setting) {
    return Duration.ofMillis(number(setting));
  }

  /** The value of a setting that is true or false. */
  public boolean flag(Setting setting) {
    return Boolean.parseBoolean(get(setting));
  }

  /** The user's own file of settings, whether it is there or not. */
  public Path userFile() {
    return places.userFile();
  }

  /** What Kafka's clients and the serializers are given: Kafka's names, and the registry's. */
  public Map<String, Object> kafka() {
    Map<String, Object> properties = new TreeMap<>();
    properties.put(Setting.BOOTSTRAP_SERVERS.key(), get(Setting.BOOTSTRAP_SERVERS));
    properties.put(Setting.SCHEMA_REGISTRY_URL.key(), get(Setting.SCHEMA_REGISTRY_URL));
    entries.forEach(
        (key, entry) -> {
          if (key.startsWith(KAFKA_PREFIX)) {
            properties.put(key.substring(KAFKA_PREFIX.length()), entry.value());
          } else if (isRegistryKey(key)) {
            properties.put(key, entry.value());
          }
        });
    return properties;
  }

  /** All values with their origins, secrets masked, in a fixed order. */
  public List<Value> values() {
    List<Value> values = new ArrayList<>();
    for (Setting setting : Setting.values()) {
      Entry entry = entries.get(setting.key());
      String origin = entry == null ? "default" : entry.origin();
      values.add(new Value(setting.key(), Secrets.masked(setting.key(), shown(setting)), origin));
    }
    entries.forEach(
        (key, entry) -> {
          if (Setting.ofKey(key).isEmpty()) {
            values.add(new Value(key, Secrets.masked(key, entry.value()), entry.origin()));
          }
        });
    values
        .subList(Setting.values().length, values.size())
        .sort((a, b) -> a.name().compareTo(b.name()));
    return List.copyOf(values);
  }

  private String shown(Setting setting) {
    return switch (setting) {
      case DATA_DIR, SPOOL -> path(setting).toString();
      case DB -> database().toString();
      default -> get(setting);
    };
  }

  private Configuration checked() {
    for (Setting setting : Setting.values()) {
      Optional.ofNullable(entries.get(setting.key()))
          .flatMap(entry -> complaint(setting, entry))
          .ifPresent(
              complaint -> {
                throw new InvalidConfigurationException(complaint);
              });
    }
    return this;
  }

  private static Optional<String> complaint(Setting setting, Entry entry) {
    return setting
        .complaint(entry.value())
        .map(
            complaint ->
                "%s (from %s) %s, not '%s'."
                    .formatted(
                        setting.key(),
                        entry.origin(),
                        complaint,
                        Secrets.masked(setting.key(), entry.value())));
  }

  private static Map<String, Entry> readFile(Path file) {
    Map<String, Entry> entries = new TreeMap<>();
    for (PropertiesFile.Line line : PropertiesFile.read(file)) {
      String place = file + ":" + line.number();
      entries.put(checkedKey(line.key(), place), new Entry(line.value().strip(), place));
    }
    return entries;
  }

  /** Names without a prefix, as Kafka's own tools take them. */
  private static Map<String, Entry> readKafkaFile(Path file) {
    Map<String, Entry> entries = new TreeMap<>();
    for (PropertiesFile.Line line : PropertiesFile.read(file)) {
      entries.put(
          ownKey(KAFKA_PREFIX + line.key()),
          new Entry(line.value().strip(), file + ":" + line.number()));
    }
    return entries;
  }

  private static Map<String, Entry> readEnvironment(Map<String, String> environment) {
    Map<String, Entry> entries = new TreeMap<>();
    environment.forEach(
        (name, value) -> {
          if (name.startsWith(KAFKA_ENVIRONMENT)) {
            String key =
                name.substring(KAFKA_ENVIRONMENT.length())
                    .toLowerCase(Locale.ROOT)
                    .replace('_', '.');
            entries.put(ownKey(KAFKA_PREFIX + key), new Entry(value, "environment " + name));
          }
        });
    for (Setting setting : Setting.values()) {
      String name = setting.environmentName();
      given(environment, name)
          .ifPresent(value -> entries.put(setting.key(), new Entry(value, "environment " + name)));
    }
    return entries;
  }

  private static String checkedKey(String key, String origin) {
    if (Setting.ofKey(key).isPresent() || key.startsWith(KAFKA_PREFIX) || isRegistryKey(key)) {
      return ownKey(key);
    }
    throw new InvalidConfigurationException(
        "Unknown setting '%s' in %s; Kafka's own settings begin with kafka., and 'runledger config show' lists Runledger's."
            .formatted(key, origin));
  }

  /** One key for one thing: kafka.bootstrap.servers is our bootstrap.servers, by another name. */
  private static String ownKey(String key) {
    if (!key.startsWith(KAFKA_PREFIX)) {
      return key;
    }
    String kafkaKey = key.substring(KAFKA_PREFIX.length());
    return SHARED_WITH_KAFKA.contains(kafkaKey) || isRegistryKey(kafkaKey) ? kafkaKey : key;
  }

  private static boolean isRegistryKey(String key) {
    return key.startsWith(REGISTRY_PREFIX) || key.startsWith(REGISTRY_AUTH_PREFIX);
  }
}
