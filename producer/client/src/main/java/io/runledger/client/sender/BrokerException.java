package io.runledger.client.sender;

import java.io.IOException;

/** The events are valid, but the broker does not take them now. */
class BrokerException extends IOException {
  private static final long serialVersionUID = 1L;

  BrokerException(String message, Throwable cause) {
    super(message, cause);
  }
}
