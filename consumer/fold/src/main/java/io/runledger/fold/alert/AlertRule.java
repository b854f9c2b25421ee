package io.runledger.fold.alert;

/**
 * What a person wants to hear of.
 *
 * @param name what it is called in the database and in each message; another name is another rule
 * @param condition what fires it
 * @param scope the runs that it is about
 */
public record AlertRule(String name, Condition condition, RunScope scope) {

  /** What it does, as a sentence without its end. */
  public String words() {
    return condition.words() + scope.words();
  }
}
