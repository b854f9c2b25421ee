package io.runledger.web.api;

/** A parameter that cannot be used; the message is a sentence that names it. */
final class BadRequestException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  BadRequestException(String sentence) {
    super(sentence);
  }
}
