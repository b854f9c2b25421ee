package io.runledger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStarted;
import io.runledger.spool.SegmentReader;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** No public call throws into a training, whatever it is handed. */
@Timeout(120)
class HostileArgumentsTest {

  private static final RunKey KEY = RunKey.of("hostile", null, null, null, null, 1L);

  /** Thrown where an argument is a mistake that leaves nothing to record. */
  private static final Set<String> MAY_REFUSE = Set.of("observe", "useRun", "withRun", "operate");

  /** What is called behind them says nothing any more. */
  private static final Set<String> ENDS = Set.of("close", "finish");

  /**
   * Each way on which a map is walked, by one of the calls that lead there; useRun and withRun
   * start a run, and overloads go the same way.
   */
  private static final Set<String> WALKS =
      Set.of(
          "Tracker.start",
          "Builder.environment",
          "Builder.config",
          "RunHandle.config",
          "RunHandle.summary",
          "RunHandle.results",
          "RunHandle.logArtifact",
          "RunHandle.log",
          "WatchedRun.log");

  @TempDir private Path dir;
  private Tracker tracker;

  /** What was handed a map without an end: walking it to the limit takes most of a second. */
  private final Set<String> handedBoundless = new HashSet<>();

  @BeforeEach
  void open() {
    tracker = Tracker.open(configuration());
  }

  @AfterEach
  void close() {
    tracker.close();
  }

  @Test
  void noPublicCallThrowsForWhatAUserHandsOver() throws Exception {
    // Tracker.open() opens it: it must not be that of whoever runs the tests.
    assertThat(System.getenv("RUNLEDGER_SPOOL")).contains("target");
    RunHandle run = tracker.start(KEY, Map.of());
    WatchedRun watched = tracker.watch(RunOptions.builder(KEY).build(), true);
    List<String> thrown = new ArrayList<>();
    int calls = 0;
    RunHandle unrecorded = Tracker.disabled().start(KEY, Map.of());
    Tracker.Builder builder = Tracker.builder().configuration(configuration());
    for (Object target :
        List.of(tracker, run, unrecorded, watched, RunOptions.builder(KEY), builder, At.step(1))) {
      calls += callAll(target, target.getClass(), thrown);
    }
    for (Class<?> type : List.of(RunOptions.class, At.class, Tracker.class)) {
      calls += callAll(null, type, thrown);
    }
    calls +=
        callAll(RunOptions.builder(KEY).config(boundlessMap()).build(), RunOptions.class, thrown);
    run.finish(null);
    run.finish(RunStatus.RUNNING);
    run.finish(RunStatus.FAILED, Integer.MIN_VALUE);
    run.finish(null);

    assertThat(thrown).isEmpty();
    assertThat(calls).as("the test sees the whole face").isGreaterThan(300);
    assertThat(handedBoundless).isEqualTo(WALKS);
  }

  private int callAll(Object target, Class<?> type, List<String> thrown) throws Exception {
    List<Executable> all = new ArrayList<>();
    for (Method method : type.getMethods()) {
      boolean isOurs = method.getDeclaringClass() == type;
      boolean isStatic = Modifier.isStatic(method.getModifiers());
      boolean isEnd = ENDS.contains(method.getName());
      if (isOurs && (isStatic || target != null) && !isEnd) {
        all.add(method);
      }
    }
    if (target == null) {
      all.addAll(Arrays.asList(type.getConstructors()));
    }
    int calls = 0;
    for (Executable call : all) {
      for (Object[] arguments : arguments(call)) {
        calls++;
        call(target, call, arguments, thrown);
      }
    }
    return calls;
  }

  private static void call(Object target, Executable call, Object[] arguments, List<String> thrown)
      throws ReflectiveOperationException {
    try {
      if (call instanceof Method method) {
        if (method.invoke(target, arguments) instanceof Tracker opened) {
          opened.close();
        }
      } else {
        ((Constructor<?>) call).newInstance(arguments);
      }
    } catch (InvocationTargetException e) {
      Throwable what = e.getCause();
      boolean isRefused =
          what instanceof IllegalArgumentException
              && what.getMessage() != null
              && MAY_REFUSE.contains(call.getName());
      if (!isRefused) {
        StackTraceElement at = what.getStackTrace().length > 0 ? what.getStackTrace()[0] : null;
        thrown.add(call + ": " + what.getClass() + " at " + at);
      }
    }
  }

  /** All benign but one, each in its turn; and all hostile at once. */
  private List<Object[]> arguments(Executable call) {
    Class<?>[] types = call.getParameterTypes();
    List<Object[]> all = new ArrayList<>();
    Object[] benign = new Object[types.length];
    Object[] nulls = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      List<Object> values = values(types[i]);
      benign[i] = values.get(0);
      nulls[i] = types[i].isPrimitive() ? values.get(0) : null;
    }
    all.add(benign);
    all.add(nulls);
    for (int i = 0; i < types.length; i++) {
      for (Object value : values(types[i])) {
        Object[] one = benign.clone();
        one[i] = value;
        all.add(one);
      }
      if (types[i] == Map.class && isFirstOfItsWalk(call)) {
        Object[] one = benign.clone();
        one[i] = boundlessMap();
        all.add(one);
      }
    }
    return all;
  }

  private boolean isFirstOfItsWalk(Executable call) {
    String name = call.getDeclaringClass().getSimpleName() + "." + call.getName();
    return WALKS.contains(name) && handedBoundless.add(name);
  }

  /** A benign value, and hostile ones. */
  private List<Object> values(Class<?> type) {
    if (type == Map.class) {
      return Arrays.asList(Map.of("x", 1.0), hostileMap(), throwingMap(), nullMap(), null);
    } else if (type == String.class) {
      return Arrays.asList("text", "", "\ud800", "x".repeat(1 << 20), "\0", null);
    } else if (type == double.class) {
      return List.of(1.0, Double.NaN, Double.NEGATIVE_INFINITY);
    } else if (type == long.class) {
      return List.of(1L, Long.MIN_VALUE, Long.MAX_VALUE);
    } else if (type == boolean.class) {
      return List.of(true, false);
    } else if (type == int.class) {
      return List.of(0, Integer.MIN_VALUE, Integer.MAX_VALUE);
    } else if (type == Throwable.class) {
      return Arrays.asList(new IOException("x"), new Rude(), causedByItself(), null);
    } else if (type == Path.class) {
      return Arrays.asList(
          Path.of("/etc/hostname"), Path.of("/nowhere"), Path.of("/dev/zero"), null);
    } else if (type == List.class) {
      return Arrays.asList(
          List.of("tag"), Arrays.asList("tag", null), new Endless(), List.of(new Rude()), null);
    } else if (type == At.class) {
      return Arrays.asList(At.step(1), new At(null, null, null), null);
    } else if (type == RunStatus.class) {
      return Arrays.asList(RunStatus.RUNNING, null);
    } else if (type == RunKey.class) {
      return Arrays.asList(KEY, null);
    } else if (type == RunOptions.class) {
      return Arrays.asList(RunOptions.builder(KEY).build(), RunOptions.builder(null).build(), null);
    } else if (type == RunBody.class) {
      RunBody<Object, RuntimeException> body = run -> null;
      return Arrays.asList(body, null);
    } else if (type == RunAction.class) {
      RunAction<RuntimeException> body = run -> {};
      return Arrays.asList(body, null);
    } else if (type == String[].class) {
      return Arrays.asList(
          new String[] {"tag"}, new String[] {"\ud800", null}, new String[0], null);
    } else if (type == Clock.class) {
      return Arrays.asList(
          Clock.fixed(Instant.EPOCH, ZoneOffset.UTC),
          Clock.fixed(Instant.MAX, ZoneOffset.UTC),
          new RudeClock(),
          null);
    } else if (type == Optional.class) {
      return Arrays.asList(Optional.empty(), null);
    } else if (type == OptionalLong.class) {
      return Arrays.asList(OptionalLong.empty(), null);
    } else if (type == OptionalInt.class) {
      return Arrays.asList(OptionalInt.empty(), null);
    } else if (type == OptionalDouble.class) {
      return Arrays.asList(OptionalDouble.of(0.5), null);
    } else if (type == UUID.class) {
      return Arrays.asList(new UUID(1, 2), null);
    } else if (type == Configuration.class) {
      return Arrays.asList(configuration(), null);
    }
    return Arrays.asList((Object) null);
  }

  private static Map<String, Object> hostileMap() {
    Object[] self = new Object[1];
    self[0] = self;
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("itself", map);
    map.put("array of itself", self);
    map.put("rude", new Rude());
    map.put("times", new Object[] {Instant.EPOCH, Optional.of(3), Duration.ZERO, new Object()});
    map.put("number of the user's", new Half());
    map.put("number that throws", new RudeNumber());
    map.put("huge", new BigDecimal("1e1000000"));
    map.put("keys", Collections.singletonMap(new Rude(), new int[][] {{1}, {2, 3}}));
    map.put("bytes", new byte[] {1, 2, 3});
    map.put("null", null);
    map.put("deep", deep());
    return map;
  }

  /** The same, and so much of it that only the limit of values ends the walk. */
  private static Map<String, Object> boundlessMap() {
    Map<String, Object> map = hostileMap();
    map.put("twice", List.of(map, map));
    map.put("endless", new Endless());
    return map;
  }

  private static Object deep() {
    List<Object> inner = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      List<Object> outer = new ArrayList<>();
      outer.add(inner);
      inner = outer;
    }
    return inner;
  }

  private static Map<String, Object> nullMap() {
    Map<String, Object> map = new HashMap<>();
    map.put(null, 1.0);
    map.put("x", null);
    return map;
  }

  private static Map<String, Object> throwingMap() {
    return new AbstractMap<>() {
      @Override
      public Set<Entry<String, Object>> entrySet() {
        throw new ConcurrentModificationException();
      }

      @Override
      public boolean isEmpty() {
        throw new ConcurrentModificationException();
      }

      @Override
      public int size() {
        throw new ConcurrentModificationException();
      }
    };
  }

  /** Throws whatever it is asked. */
  private static final class Rude extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      throw new StackOverflowError();
    }

    @Override
    public String getMessage() {
      throw new IllegalStateException("no");
    }

    @Override
    public void printStackTrace(PrintWriter to) {
      throw new AssertionError("no");
    }

    @Override
    public boolean equals(Object other) {
      throw new IllegalStateException("no");
    }

    @Override
    public int hashCode() {
      throw new IllegalStateException("no");
    }
  }

  private static Throwable causedByItself() {
    Exception one = new Exception("one");
    one.initCause(new Exception("two", one));
    return one;
  }

  /** A list without an end. */
  private static final class Endless extends AbstractList<String> {
    @Override
    public String get(int index) {
      return "again";
    }

    @Override
    public int size() {
      return Integer.MAX_VALUE;
    }

    @Override
    public Iterator<String> iterator() {
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return true;
        }

        @Override
        public String next() {
          return "again";
        }
      };
    }
  }

  private static class Half extends Number {
    private static final long serialVersionUID = 1L;

    @Override
    public int intValue() {
      return 0;
    }

    @Override
    public long longValue() {
      return 0;
    }

    @Override
    public float floatValue() {
      return 0.5f;
    }

    @Override
    public double doubleValue() {
      return 0.5;
    }
  }

  private static final class RudeClock extends Clock {
    @Override
    public Instant instant() {
      throw new StackOverflowError();
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private static final class RudeNumber extends Half {
    private static final long serialVersionUID = 1L;

    @Override
    public double doubleValue() {
      throw new IllegalStateException("detached");
    }
  }

  @Test
  void whatIsNotRecordedIsCountedAndTheRestIsRecorded() throws IOException {
    try (RunHandle run = tracker.start(KEY, Map.of())) {
      run.log("z", 1.0, null);
      Map<String, Number> values = new LinkedHashMap<>();
      values.put("good", 0.5);
      values.put("bad", null);
      values.put("rude", new RudeNumber());
      run.log(values, At.step(1));
      run.log(null, At.step(2));
      run.results(null);
    }

    assertThat(events(Topics.METRICS))
        .extracting(event -> ((MetricsLogged) event).getRows().get(0).getValues())
        .containsExactly(Map.of("z", 1.0), Map.of("good", 0.5));
    assertThat(dropped(Topics.METRICS)).isEqualTo(3);
    assertThat(dropped(Topics.RUNS)).isEqualTo(1);
  }

  @Test
  void aMapOfMetricsThatHasNoEndIsCutAndCounted() throws IOException {
    Map<String, Double> endless =
        new AbstractMap<>() {
          @Override
          public Set<Map.Entry<String, Double>> entrySet() {
            return new AbstractSet<>() {
              @Override
              public Iterator<Map.Entry<String, Double>> iterator() {
                return Stream.generate(() -> Map.entry("loss", 1.0)).iterator();
              }

              @Override
              public int size() {
                return Integer.MAX_VALUE;
              }
            };
          }
        };
    try (RunHandle run = tracker.start(KEY, Map.of())) {
      run.log(endless);
    }

    assertThat(events(Topics.METRICS)).hasSize(1);
    assertThat(dropped(Topics.METRICS)).isEqualTo(1);
  }

  @Test
  void aStartWithNothingInItIsStillAStart() throws IOException {
    tracker.start((RunKey) null, null).close();
    tracker.start(null, null, null).close();
    tracker.start((RunOptions) null).close();

    assertThat(events(Topics.RUNS))
        .filteredOn(event -> ((RunEvent) event).getEvent() instanceof RunStarted)
        .hasSize(3);
  }

  /** Where the locale is C, a home that is not ASCII is one of them. */
  @Test
  void anEnvironmentThatCannotBeReadIsNoReasonToThrow() throws IOException {
    List<String> names =
        List.of(
            "HOME",
            "XDG_DATA_HOME",
            "RUNLEDGER_CONFIG",
            "RUNLEDGER_RUN_ID",
            "RUNLEDGER_MODE",
            "RUNLEDGER_CONFIG_MAX_BYTES",
            "SLURM_JOB_ID",
            "RANK",
            "HOSTNAME");
    List<String> values = List.of("\0", "\ud800", "", "/\ud800/x", "x".repeat(1 << 16));
    for (String name : names) {
      for (String value : values) {
        Map<String, String> environment = new HashMap<>();
        environment.put("HOME", dir.toString());
        environment.put("RUNLEDGER_SPOOL", dir.resolve("spool").toString());
        environment.put(Setting.SENDER_ENABLED.environmentName(), "false");
        environment.put("RUNLEDGER_ATTEMPT_ID", value);
        environment.put("WORLD_SIZE", "2");
        environment.put(name, value);
        try (Tracker opened = Tracker.builder().environment(environment).open()) {
          opened.useRun(KEY, null, run -> run.log("loss", 1, 1));
        }
      }
    }

    assertThat(events(Topics.METRICS)).hasSize(names.size() * values.size());
  }

  @Test
  void theBodyOfARunWithoutAKeyRunsAndItsResultMayBeNull() {
    List<String> ran = new ArrayList<>();

    assertThatCode(
            () ->
                tracker.withRun(
                    (RunKey) null,
                    null,
                    run -> {
                      ran.add("body");
                      return null;
                    }))
        .doesNotThrowAnyException();

    assertThat(ran).containsExactly("body");
  }

  private long dropped(Topics topic) throws IOException {
    return events(Topics.RUNS).stream()
        .map(event -> ((RunEvent) event).getEvent())
        .filter(EventsDropped.class::isInstance)
        .map(EventsDropped.class::cast)
        .filter(event -> event.getTopic().equals(topic.streamName()))
        .mapToLong(EventsDropped::getCount)
        .sum();
  }

  private List<SpecificRecord> events(Topics topic) throws IOException {
    List<SpecificRecord> events = new ArrayList<>();
    for (Path writer : SpoolDirectory.writers(dir.resolve("spool"))) {
      for (Path segment : SpoolDirectory.segments(writer, topic).values()) {
        try (SegmentReader reader = SegmentReader.open(topic, segment)) {
          events.addAll(reader.read(0, false).events());
        }
      }
    }
    return events;
  }

  private Configuration configuration() {
    return Configuration.load(
        Map.of(
            Setting.SPOOL.key(),
            dir.resolve("spool").toString(),
            Setting.SENDER_ENABLED.key(),
            "false"),
        Map.of("HOME", dir.toString()),
        Optional.empty());
  }
}
