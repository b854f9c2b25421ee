package io.runledger.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Every setting of Runledger: the one table from which help, validation and {@code runledger config
 * show} are made. Kafka's own settings keep Kafka's names and are not listed here.
 */
public enum Setting {
  DATA_DIR("data.dir", Type.PATH, "~/.local/share/runledger", "base directory of all other paths"),
  DB(
      "db",
      Type.DATABASE,
      "${data.dir}/runledger.db",
      "the database: a SQLite file, or jdbc:postgresql://HOST:PORT/DATABASE"),
  SPOOL("spool", Type.PATH, "${data.dir}/spool", "directory that jobs append their events to"),
  BOOTSTRAP_SERVERS("bootstrap.servers", Type.TEXT, "127.0.0.1:9092", "Kafka brokers, host:port"),
  SCHEMA_REGISTRY_URL(
      "schema.registry.url",
      Type.TEXT,
      "http://127.0.0.1:8081/apis/ccompat/v7",
      "URL of the schema registry (Confluent's REST protocol); several are separated by commas"),
  URL(
      "url",
      Type.OPTIONAL_TEXT,
      "",
      "server that takes events over HTTPS in place of the brokers, such as"
          + " https://ledger.example.org/, with the token of RUNLEDGER_TOKEN; none if empty"),
  GROUP_ID("group.id", Type.TEXT, "${topics.prefix}", "consumer group of the service"),
  HEALTH_HOST("health.host", Type.TEXT, "127.0.0.1", "address of the health and metrics port"),
  HEALTH_PORT("health.port", Type.PORT, "9464", "health and metrics port; 0 any free one, -1 none"),
  HEALTH_ALLOWED_HOSTS(
      "health.allowed.hosts",
      Type.TEXT,
      "localhost",
      "further host names that the health port answers to, separated by commas; * for any"),
  WEB_HOST("web.host", Type.TEXT, "127.0.0.1", "address of the page and its API"),
  WEB_PORT("web.port", Type.PORT, "8400", "port of the page and its API; 0 any free one, -1 none"),
  WEB_ALLOWED_HOSTS(
      "web.allowed.hosts",
      Type.TEXT,
      "localhost",
      "further host names that the page answers to, separated by commas; * for any"),
  WEB_TOKEN_REQUIRED(
      "web.token.required",
      Type.FLAG,
      "false",
      "whether the page needs a token on loopback too; on any other address it always does"),
  SENDER_ENABLED(
      "sender.enabled",
      Type.FLAG,
      "true",
      "whether a job sends its spool itself; without a value, not where the spool is followed and"
          + " bootstrap.servers is not set"),
  CLOSE_TIMEOUT_MS(
      "close.timeout.ms",
      Type.COUNT,
      "5000",
      "maximum time that close() waits for unsent events, in ms"),
  SPOOL_SEGMENT_BYTES(
      "spool.segment.bytes", Type.SIZE, "8388608", "size of one spool segment, in bytes"),
  SPOOL_MAX_BYTES(
      "spool.max.bytes", Type.SIZE, "4294967296", "maximum size of one writer's spool, in bytes"),
  SPOOL_SYNC_MS(
      "spool.sync.ms", Type.POSITIVE, "1000", "time between two fsyncs of the spool, in ms"),
  HEARTBEAT_SECONDS("heartbeat.seconds", Type.COUNT, "30", "seconds between two heartbeats"),
  SYSTEM_SECONDS(
      "system.seconds",
      Type.COUNT,
      "0",
      "seconds between two samples of the resource usage of a Python run or of a command under exec"
          + " (there 30 if not set); 0 for none"),
  TRACEBACK_MAX_BYTES(
      "traceback.max.bytes", Type.PART_BYTES, "262144", "maximum bytes kept of a traceback"),
  CONFIG_MAX_BYTES(
      "config.max.bytes", Type.PART_BYTES, "262144", "maximum bytes kept of a configuration"),
  SECRET_KEYS(
      "secret.keys", Type.PATTERN, "", "regular expression for further configuration keys to mask"),
  RECORD_MAX_BYTES(
      "record.max.bytes",
      Type.RECORD_BYTES,
      "900000",
      "maximum size of one Kafka record, in bytes"),
  TOPICS_PREFIX(
      "topics.prefix",
      Type.TOPIC_PREFIX,
      "runledger",
      "prefix of the names of the four topics: one prefix for each ledger"),
  TOPICS_PARTITIONS("topics.partitions", Type.POSITIVE, "4", "partitions of each new topic"),
  TOPICS_REPLICATION_FACTOR(
      "topics.replication.factor", Type.POSITIVE, "1", "replication factor of new topics"),
  BATCH_MAX_RECORDS(
      "batch.max.records", Type.POSITIVE, "5000", "maximum number of records in one transaction"),
  BATCH_MAX_MS("batch.max.ms", Type.POSITIVE, "5000", "maximum time to collect one batch, in ms"),
  WAL_ALARM_BYTES(
      "wal.alarm.bytes",
      Type.SIZE,
      "268435456",
      "size of the database's write-ahead log above which the service is unhealthy, in bytes"),
  ALERTS_FILE(
      "alerts.file",
      Type.OPTIONAL_PATH,
      "",
      "file with the rules of alerts that the service evaluates; none if empty"),
  ALERTS_MAX_AGE_SECONDS(
      "alerts.max.age.seconds",
      Type.POSITIVE,
      "3600",
      "age up to which what fires an alert is still delivered, in seconds; what is older is"
          + " recorded as late"),
  FINITE_RETENTION_ACCEPTED(
      "finite.retention.accepted",
      Type.FLAG,
      "false",
      "whether topics may lose records: what they lose cannot be rebuilt");

  /** Bytes of the longest record that is decoded; {@code RecordDecoder} has the same bound. */
  private static final long LONGEST_RECORD = 8L << 20;

  /** Kafka takes 249 characters of {@code [a-zA-Z0-9._-]}, ours and ".metrics" among them. */
  private static final Pattern LEGAL_PREFIX =
      Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9._-]{0,198}[a-zA-Z0-9])?");

  private enum Type {
    TEXT,
    OPTIONAL_TEXT,
    PATH,
    OPTIONAL_PATH,
    DATABASE,
    COUNT,
    POSITIVE,
    SIZE,
    /** The beginning of Kafka topic names. */
    TOPIC_PREFIX,
    /** Of a whole record: the reading side looks at no longer ones. */
    RECORD_BYTES,
    /** Of one text in a record, of which two and the rest must fit. */
    PART_BYTES,
    PORT,
    FLAG,
    PATTERN
  }

  private final String key;
  private final Type type;
  private final String defaultValue;
  private final String meaning;

  Setting(String key, Type type, String defaultValue, String meaning) {
    this.key = key;
    this.type = type;
    this.defaultValue = defaultValue;
    this.meaning = meaning;
  }

  /** Name in properties files and as a flag. */
  public String key() {
    return key;
  }

  /** Name of the environment variable. */
  public String environmentName() {
    return "RUNLEDGER_" + key.toUpperCase(Locale.ROOT).replace('.', '_');
  }

  /**
   * Default value; may refer to {@code ${data.dir}} or {@code ${topics.prefix}}, and begin with
   * {@code ~}.
   */
  public String defaultValue() {
    return defaultValue;
  }

  /** What it is for, with its unit. */
  public String meaning() {
    return meaning;
  }

  /** The setting with this key; empty for any other name. */
  public static Optional<Setting> ofKey(String key) {
    for (Setting setting : values()) {
      if (setting.key.equals(key)) {
        return Optional.of(setting);
      }
    }
    return Optional.empty();
  }

  /** What is wrong with a value, as the end of a sentence; empty when it is good. */
  Optional<String> complaint(String value) {
    return switch (type) {
      case TEXT -> value.isBlank() ? Optional.of("must not be empty") : Optional.empty();
      case OPTIONAL_TEXT -> Optional.empty();
      case PATH -> path(value);
      case DATABASE -> DatabaseLocation.Server.complaint(value.strip()).or(() -> path(value));
      case OPTIONAL_PATH -> value.isBlank() ? Optional.empty() : path(value);
      case COUNT -> inRange(value, 0, Integer.MAX_VALUE);
      case POSITIVE -> inRange(value, 1, Integer.MAX_VALUE);
      case RECORD_BYTES -> inRange(value, 1, LONGEST_RECORD);
      case PART_BYTES -> inRange(value, 0, LONGEST_RECORD / 4);
      case SIZE -> inRange(value, 1, Long.MAX_VALUE);
      case PORT -> inRange(value, -1, 65_535);
      case TOPIC_PREFIX -> topicPrefix(value);
      case FLAG ->
          value.equals("true") || value.equals("false")
              ? Optional.empty()
              : Optional.of("must be true or false");
      case PATTERN -> regularExpression(value);
    };
  }

  private static Optional<String> path(String value) {
    try {
      return Path.of(value.strip()).toString().isEmpty()
          ? Optional.of("must not be empty")
          : Optional.empty();
    } catch (InvalidPathException e) {
      return Optional.of("must be a path: " + e.getReason());
    }
  }

  private static Optional<String> topicPrefix(String value) {
    return LEGAL_PREFIX.matcher(value).matches()
        ? Optional.empty()
        : Optional.of(
            "must be 1 to 200 letters, digits, dots, hyphens and underscores that begin and end"
                + " with a letter or digit");
  }

  private static Optional<String> inRange(String value, long lowest, long highest) {
    try {
      long number = Long.parseLong(value);
      return number >= lowest && number <= highest
          ? Optional.empty()
          : Optional.of("must be between " + lowest + " and " + highest);
    } catch (NumberFormatException e) {
      return Optional.of("must be a whole number");
    }
  }

  private static Optional<String> regularExpression(String value) {
    try {
      Pattern.compile(value);
      return Optional.empty();
    } catch (PatternSyntaxException e) {
      return Optional.of("must be a regular expression: " + e.getDescription());
    }
  }
}
