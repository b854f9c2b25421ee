package io.runledger.query;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.AfterClassTemplateInvocationCallback;
import org.junit.jupiter.api.extension.BeforeClassTemplateInvocationCallback;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContext;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContextProvider;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

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
    if (!annotated(context, BeforeAll.class).isEmpty()) {
      throw new IllegalStateException(
          "@BeforeAll runs once for both stores, so that %s would be tested on the first alone; use @BeforeEachStore."
              .formatted(context.getRequiredTestClass().getName()));
    }
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

    @Override
    public List<Extension> getAdditionalExtensions() {
      BeforeClassTemplateInvocationCallback before =
          context -> invoke(context, BeforeEachStore.class);
      AfterClassTemplateInvocationCallback after = context -> invoke(context, AfterEachStore.class);
      return List.of(before, after);
    }
  }

  private static void invoke(ExtensionContext context, Class<? extends Annotation> annotation) {
    for (Method method : annotated(context, annotation)) {
      ReflectionSupport.invokeMethod(method, context.getTestInstance().orElse(null));
    }
  }

  private static List<Method> annotated(
      ExtensionContext context, Class<? extends Annotation> annotation) {
    return AnnotationSupport.findAnnotatedMethods(
        context.getRequiredTestClass(), annotation, HierarchyTraversalMode.TOP_DOWN);
  }
}
