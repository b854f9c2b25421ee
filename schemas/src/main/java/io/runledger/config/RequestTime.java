package io.runledger.config;

/** How long a client of one of our HTTP ports may take to send its request. */
public final class RequestTime {

  private static final String SECONDS = "10";

  private RequestTime() {}

  /**
   * Limits it for all servers of this process; call it before the first one is created, because the
   * JDK reads the limit once.
   */
  public static void limit() {
    if (System.getProperty("sun.net.httpserver.maxReqTime") == null) {
      System.setProperty("sun.net.httpserver.maxReqTime", SECONDS);
    }
  }
}
