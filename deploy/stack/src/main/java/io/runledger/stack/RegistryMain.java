package io.runledger.stack;

import io.runledger.http.ServedHosts;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Main class of the registry's process: the registry, answering only under this host's names. A web
 * page that makes a browser resolve its own name to the loopback address could read and delete
 * schemas otherwise; Quarkus has a setting for the Origin header, and none for Host. The registry's
 * classes are on the class path of the child alone.
 */
final class RegistryMain {

  private static final long LOOK_AGAIN_MS = 1;

  private static final ServedHosts HOSTS = ServedHosts.of("127.0.0.1");

  private RegistryMain() {}

  /** Takes nothing; the registry reads system properties. */
  public static void main(String[] arguments) throws ReflectiveOperationException {
    Thread guard = new Thread(RegistryMain::guard, "host-guard");
    guard.setDaemon(true);
    guard.start();
    Class.forName("io.quarkus.runner.GeneratedMain")
        .getMethod("main", String[].class)
        .invoke(null, (Object) arguments);
  }

  // Quarkus sets its handler of all requests, and opens its port some time later.
  private static void guard() {
    try {
      Field root =
          Class.forName("io.quarkus.vertx.http.runtime.VertxHttpRecorder")
              .getDeclaredField("rootHandler");
      root.setAccessible(true);
      while (root.get(null) == null) {
        Thread.sleep(LOOK_AGAIN_MS);
      }
      root.set(null, guarded(root.get(null)));
    } catch (ReflectiveOperationException e) {
      System.err.println(
          "Cannot refuse requests for other hosts, so the registry is stopping: " + e);
      Runtime.getRuntime().halt(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A Vert.x handler that passes on only requests for this host. */
  private static Object guarded(Object handler) throws ReflectiveOperationException {
    Class<?> handlers = Class.forName("io.vertx.core.Handler");
    Class<?> requests = Class.forName("io.vertx.core.http.HttpServerRequest");
    Class<?> responses = Class.forName("io.vertx.core.http.HttpServerResponse");
    Method host = requests.getMethod("host");
    Method response = requests.getMethod("response");
    Method setStatusCode = responses.getMethod("setStatusCode", int.class);
    Method end = responses.getMethod("end", String.class);
    return Proxy.newProxyInstance(
        handlers.getClassLoader(),
        new Class<?>[] {handlers},
        (proxy, method, arguments) -> {
          if (method.getDeclaringClass() == Object.class
              || HOSTS.serve((String) host.invoke(arguments[0]))) {
            return invoke(method, handler, arguments);
          }
          Object refusal = setStatusCode.invoke(response.invoke(arguments[0]), 403);
          end.invoke(refusal, "This host name is not served here.\n");
          return null;
        });
  }

  private static Object invoke(Method method, Object handler, Object[] arguments) throws Throwable {
    try {
      return method.invoke(handler, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
