package io.runledger.query.connection;

import java.lang.reflect.Type;
import java.sql.Types;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.argument.ArgumentFactory;
import org.jdbi.v3.core.argument.NullArgument;
import org.jdbi.v3.core.config.ConfigRegistry;

/**
 * Texts of questions, as the fold stores them: U+FFFD stands for each NUL, so what was logged with
 * one is found by the name that it was logged under. PostgreSQL would refuse the question.
 */
public final class StoredText implements ArgumentFactory.Preparable {

  private static final Argument NULL = new NullArgument(Types.VARCHAR);

  /** The text, or its copy without NUL. */
  public static String of(String text) {
    return text.replace('\0', '\ufffd');
  }

  @Override
  public Optional<Function<Object, Argument>> prepare(Type type, ConfigRegistry config) {
    return type == String.class ? Optional.of(StoredText::argument) : Optional.empty();
  }

  private static Argument argument(Object value) {
    return value instanceof String text
        ? (position, statement, context) -> statement.setString(position, of(text))
        : NULL;
  }
}
