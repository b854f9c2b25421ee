package io.runledger.cli;

import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Logs to stderr what {@code runledger-logback.xml} lets through, in its format: for verbs that run
 * next to a job, which must not pay for a logging library's hundreds of classes. Chosen by the
 * launcher. Thread-safe.
 */
public final class StderrLog implements SLF4JServiceProvider {

  private final IMarkerFactory markers = new BasicMarkerFactory();
  private final MDCAdapter context = new NOPMDCAdapter();
  private final Map<String, Logger> loggers = new ConcurrentHashMap<>();

  /** For SLF4J, which instantiates it by name. */
  public StderrLog() {}

  @Override
  public void initialize() {}

  @Override
  public ILoggerFactory getLoggerFactory() {
    return name -> loggers.computeIfAbsent(name, each -> new Line(each, levelOf(each)));
  }

  @Override
  public IMarkerFactory getMarkerFactory() {
    return markers;
  }

  @Override
  public MDCAdapter getMDCAdapter() {
    return context;
  }

  @Override
  public String getRequestedApiVersion() {
    return "2.0";
  }

  /** The level from which the other verbs' configuration lets a logger through. */
  static Level levelOf(String logger) {
    if (logger.startsWith("io.runledger.")) {
      return Level.INFO;
    }
    return logger.equals("org.apache.kafka.clients.NetworkClient") ? Level.ERROR : Level.WARN;
  }

  /** One line per message, without the stack trace of its cause: the text says what went wrong. */
  private static final class Line extends LegacyAbstractLogger {

    private static final long serialVersionUID = 1L;

    private final Level least;

    Line(String name, Level least) {
      this.name = name;
      this.least = least;
    }

    private boolean lets(Level level) {
      return level.toInt() >= least.toInt();
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level, Marker marker, String message, Object[] arguments, Throwable cause) {
      String text = MessageFormatter.basicArrayFormat(message, arguments);
      LocalTime now = LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS);
      String time = now.getSecond() == 0 ? now + ":00" : now.toString();
      String padding = level.name().length() < "ERROR".length() ? " " : "";
      System.err.println(time + " " + level + padding + " " + text);
    }

    @Override
    protected String getFullyQualifiedCallerName() {
      return null;
    }

    @Override
    public boolean isTraceEnabled() {
      return lets(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
      return lets(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
      return lets(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
      return lets(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
      return lets(Level.ERROR);
    }
  }
}
