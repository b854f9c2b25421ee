package io.runledger.query;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContext;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContextProvider;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Runs the tests of a class once for each store. */
final class EachStore implements ClassTemplateInvocationContextProvider {

  /** Where laboratories are opened now. */
  enum Store {
    SQLITE,
    POSTGRES
  }

  private static volatile Store current = Store.SQLITE;

  static Store current() {
    return current;
  }

  /** Leaves a test out on any other store. */
  static final class OnlySqlite implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return current == Store.SQLITE
          ? ConditionEvaluationResult.enabled("This is SQLite.")
          : ConditionEvaluationResult.disabled("This is about a file.");
    }
  }

  @Override
  public boolean supportsClassTemplate(ExtensionContext context) {
    return true;
  }

  @Override
  public Stream<ClassTemplateInvocationContext> provideClassTemplateInvocationContexts(
      ExtensionContext context) {
    // Closed after the last of them: what other classes open is on SQLite.
    return Stream.<ClassTemplateInvocationContext>of(
            new OnStore(Store.SQLITE), new OnStore(Store.POSTGRES))
        .onClose(() -> current = Store.SQLITE);
  }

  private record OnStore(Store store) implements ClassTemplateInvocationContext {
    @Override
    public String getDisplayName(int invocationIndex) {
      return store.toString();
    }

    @Override
    public void prepareInvocation(ExtensionContext context) {
      current = store;
    }
  }
}
