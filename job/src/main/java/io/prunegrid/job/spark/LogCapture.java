package io.prunegrid.job.spark;

import java.time.Instant;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;

/**
 * Hands what is logged to the attempt whose thread logged it: what the configuration lets through,
 * and of the program itself everything from level info on, which reaches the console no more than
 * before.
 */
final class LogCapture extends AbstractAppender {
  private static final String NAME = "prunegrid attempts";
  private static final String OURS = "io.prunegrid";

  private LogCapture() {
    super(NAME, null, null, true, Property.EMPTY_ARRAY);
  }

  /** Makes sure that this process captures; logging without log4j is left alone. */
  static void install() {
    if (LogManager.getContext(false) instanceof LoggerContext context
        && context.getConfiguration().getRootLogger().getAppenders().get(NAME) == null) {
      attach(context);
    }
  }

  private static synchronized void attach(LoggerContext context) {
    Configuration configuration = context.getConfiguration();
    LoggerConfig root = configuration.getRootLogger();
    if (root.getAppenders().get(NAME) != null) {
      return;
    }
    LogCapture capture = new LogCapture();
    capture.start();
    LoggerConfig ours = configuration.getLoggerConfig(OURS);
    if (!ours.getName().equals(OURS)) {
      ours = new LoggerConfig(OURS, Level.INFO, false);
      for (var appender : root.getAppenders().values()) {
        ours.addAppender(appender, root.getLevel(), null);
      }
      configuration.addLogger(OURS, ours);
      ours.addAppender(capture, Level.INFO, null);
    } else if (!ours.isAdditive()) {
      ours.addAppender(capture, null, null);
    }
    root.addAppender(capture, null, null);
    context.updateLoggers();
  }

  @Override
  public void append(LogEvent event) {
    String name = event.getLoggerName();
    String text =
        event.getLevel()
            + " "
            + name.substring(name.lastIndexOf('.') + 1)
            + ": "
            + event.getMessage().getFormattedMessage();
    Instant when = Instant.ofEpochMilli(event.getTimeMillis());
    AttemptLog.say(when, text);
    if (event.getThrown() != null) {
      AttemptLog.say(when, event.getThrown());
    }
  }
}
