package io.runledger.service;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.serde.registry.SchemaRegistryClient;
import io.runledger.service.alert.AlertFile;
import io.runledger.service.alert.AlertService;
import io.runledger.service.database.InstanceId;
import io.runledger.service.database.LiveProjection;
import io.runledger.service.database.Locations;
import io.runledger.service.group.DatabaseTag;
import io.runledger.service.group.Member;
import io.runledger.service.health.HealthServer;
import io.runledger.service.health.ServiceHealth;
import io.runledger.service.health.ServiceMetrics;
import io.runledger.service.live.Admission;
import io.runledger.service.live.ConsumerLoop;
import io.runledger.service.live.OtherGroups;
import io.runledger.service.live.WriteAheadLogWatch;
import io.runledger.service.log.BatchDecoder;
import io.runledger.service.log.KafkaClients;
import io.runledger.service.log.LogInspector;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.log.RetentionCheck;
import io.runledger.service.log.WriterSchemas;
import io.runledger.service.stop.PositionException;
import io.runledger.service.stop.StopException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service that keeps one database in step with the log, on its own threads. All methods are
 * thread-safe.
 *
 * <p>It survives outages of brokers, registry and database, and follows a rebuild into its new
 * generation. What it cannot recover from by itself ends it with a {@link StopException}.
 */
public final class ConsumerService implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ConsumerService.class);
  private static final Duration LEAVE = Duration.ofSeconds(10);

  private final ServiceHealth health;
  private final Optional<HealthServer> healthServer;
  private final ConsumerLoop loop;
  private final Thread thread;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile Optional<RuntimeException> failure = Optional.empty();

  private ConsumerService(ServiceHealth health, Optional<HealthServer> healthServer, Parts parts) {
    this.health = health;
    this.healthServer = healthServer;
    this.loop = parts.loop();
    this.thread = new Thread(() -> run(parts), "runledger-service");
  }

  private record Parts(
      ConsumerLoop loop,
      Consumer<byte[], byte[]> consumer,
      LogInspector inspector,
      LiveProjection projection,
      Optional<AlertService> alerts) {}

  /**
   * As {@link #start}, next to other services of this machine: one of them may have the default
   * health port, and this one takes any free one then. One that the user chose is used by somebody,
   * and is not replaced.
   */
  public static ConsumerService startBeside(Configuration configuration) {
    try {
      return start(configuration);
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof BindException && !configuration.isSet(Setting.HEALTH_PORT)) {
        return start(configuration.with(Setting.HEALTH_PORT, "0"));
      }
      throw e;
    }
  }

  /**
   * Starts a service for the database of {@code configuration}, and returns once it holds the
   * database; brokers and registry may still be down.
   *
   * @throws io.runledger.fold.projection.ProjectionInUseException when another process writes to it
   * @throws io.runledger.config.InvalidConfigurationException when Kafka refuses its settings, or
   *     the file of alert rules cannot be used
   * @throws PositionException when it was filled from topics of another prefix
   * @throws UncheckedIOException when the health port is taken
   */
  public static ConsumerService start(Configuration configuration) {
    ProjectionLocation database = Locations.of(configuration);
    InstantSource clock = InstantSource.system();
    Optional<AlertFile> rules = AlertFile.of(configuration);
    KafkaClients clients = new KafkaClients(configuration);
    String group = configuration.get(Setting.GROUP_ID);
    boolean several = database.severalMayWrite();
    Member member = new Member(group, several ? InstanceId.random() : InstanceId.of(database));
    ServiceHealth health = new ServiceHealth(clock);
    ServiceMetrics metrics = new ServiceMetrics(health);
    LiveProjection projection = LiveProjection.join(database);
    Optional<HealthServer> healthServer;
    try {
      PositionCheck.requireOwnTopics(database, projection.positions(), clients.topics());
      healthServer = healthServer(configuration, database, health, metrics);
    } catch (RuntimeException e) {
      projection.close();
      throw e;
    }
    LogInspector inspector;
    Optional<DatabaseTag> tag;
    Consumer<byte[], byte[]> consumer;
    Optional<AlertService> alerts;
    try {
      inspector = new LogInspector(clients);
      tag = several ? database.fingerprint().map(DatabaseTag::of) : Optional.empty();
      consumer =
          several ? clients.memberOfSeveral(group, tag) : clients.member(group, member.name());
      alerts =
          several
              ? AlertService.ofSeveral(
                  rules,
                  configuration,
                  projection,
                  metrics,
                  () -> isLead(member, projection),
                  clock)
              : AlertService.start(rules, configuration, projection, metrics, clock);
    } catch (RuntimeException e) {
      healthServer.ifPresent(HealthServer::close);
      projection.close();
      throw e;
    }
    WriterSchemas schemas =
        new WriterSchemas(
            clients.topics(), new SchemaRegistryClient(configuration.kafka()), projection, clock);
    RetentionCheck retention =
        new RetentionCheck(inspector, configuration.flag(Setting.FINITE_RETENTION_ACCEPTED));
    ConsumerLoop loop =
        new ConsumerLoop(
            database,
            member,
            new OtherGroups(database, group, inspector, clients.session(), clock),
            consumer,
            inspector,
            several
                ? Admission.besideOthers(inspector, group, tag, retention, clients.session(), clock)
                : Admission.alone(
                    inspector, group, member.name(), retention, clients.session(), clock),
            retention,
            projection,
            new BatchDecoder(schemas),
            health,
            metrics,
            configuration.millis(Setting.BATCH_MAX_MS),
            new WriteAheadLogWatch(
                configuration.number(Setting.WAL_ALARM_BYTES), health, metrics, clock),
            alerts,
            clock);
    ConsumerService service =
        new ConsumerService(
            health, healthServer, new Parts(loop, consumer, inspector, projection, alerts));
    service.thread.start();
    return service;
  }

  /** Whether the database says that a member does what one member does for all of them. */
  private static boolean isLead(Member member, LiveProjection projection) {
    return projection.owners().stream()
        .filter(owned -> owned.position().partition() == 0)
        .allMatch(owned -> owned.owner().equals(Optional.of(member.owner())));
  }

  /** The health now: what {@code GET /health} answers. */
  public ServiceHealth.Report health() {
    return health.report();
  }

  /** Where {@code /health} and {@code /metrics} are answered; empty when health.port is -1. */
  public Optional<InetSocketAddress> healthAddress() {
    return healthServer.map(HealthServer::address);
  }

  /**
   * Waits until the service has ended.
   *
   * @throws StopException when it ended by itself, with the reason
   */
  public void awaitEnd() throws InterruptedException {
    ended.await();
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  /** Finishes the batch in hand, leaves the group, closes the database. Returns when it is done. */
  @Override
  public void close() {
    loop.end();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        // Leaving half way would leave the database locked by an unknown thread.
        interrupted = true;
      }
    }
    healthServer.ifPresent(HealthServer::close);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run(Parts parts) {
    try {
      parts.loop().run();
      health.enter(ServiceHealth.State.STOPPED, "The service was asked to stop.");
    } catch (RuntimeException e) {
      failed(e);
    } catch (InterruptedException e) {
      failed(new IllegalStateException("The service thread was interrupted.", e));
    } catch (Error e) {
      // Otherwise the service would end as if it had been asked to.
      failed(new IllegalStateException("The service failed: " + e + ".", e));
    } finally {
      leave(parts);
      ended.countDown();
    }
  }

  private void failed(RuntimeException e) {
    failure = Optional.of(e);
    health.enter(ServiceHealth.State.STOPPED, String.valueOf(e.getMessage()));
    if (e instanceof StopException) {
      LOG.error("The service is stopping: {}", e.getMessage());
    } else {
      LOG.error("The service is stopping because of an unexpected error; this is a bug.", e);
    }
  }

  private void leave(Parts parts) {
    parts.alerts().ifPresent(AlertService::close);
    try {
      parts.projection().close();
    } catch (RuntimeException e) {
      LOG.error("The database did not close cleanly; what was committed is kept.", e);
    }
    parts.inspector().close();
    try {
      // A static member stays in the group by default, and the next one would wait for its session.
      parts
          .consumer()
          .close(
              CloseOptions.timeout(LEAVE)
                  .withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
    } catch (RuntimeException e) {
      LOG.warn(
          "Could not leave the consumer group cleanly; the group removes this member after its session times out.",
          e);
    }
  }

  private static Optional<HealthServer> healthServer(
      Configuration configuration,
      ProjectionLocation database,
      ServiceHealth health,
      ServiceMetrics metrics) {
    int port = configuration.integer(Setting.HEALTH_PORT);
    return port < 0
        ? Optional.empty()
        : Optional.of(
            HealthServer.start(
                configuration.get(Setting.HEALTH_HOST),
                port,
                configuration.get(Setting.HEALTH_ALLOWED_HOSTS),
                database.identity(),
                health,
                metrics));
  }
}
