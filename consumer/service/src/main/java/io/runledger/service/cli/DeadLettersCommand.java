package io.runledger.service.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.runledger.config.Configuration;
import io.runledger.config.ExitCodes;
import io.runledger.config.NotFoundException;
import io.runledger.config.Printable;
import io.runledger.fold.batch.DeadLetter;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.options.LedgerOptions;
import io.runledger.service.database.Locations;
import io.runledger.service.deadletters.DeadLetterRequest;
import io.runledger.service.deadletters.DeadLetters;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Lists the records that could not be applied, shows one with its bytes, and handles them. */
@Command(
    name = "dead-letters",
    mixinStandardHelpOptions = true,
    description = "Show, retry or dismiss the records that could not be applied.")
public final class DeadLettersCommand implements Callable<Integer> {

  /** Of a value, as much as a screen shows. */
  private static final int BYTES_SHOWN = 256;

  private static final String LINE = "%-6s %-9s %-40s %-18s %s%n";

  @Mixin private LedgerOptions options = new LedgerOptions();

  @Option(names = "--json", scope = ScopeType.INHERIT, description = "Print JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  /** Made by picocli. */
  public DeadLettersCommand() {}

  @Override
  public Integer call() {
    return list();
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List dead letters, one per line; this is the default subcommand.")
  Integer list() {
    ProjectionLocation database = Locations.of(options.load());
    try {
      // Nothing is printed before the database has been opened.
      Runnable head =
          json
              ? () -> out().print('[')
              : () -> out().printf(LINE, "id", "state", "place", "reason", "detail");
      AtomicBoolean isFirst = new AtomicBoolean(true);
      DeadLetters.forEach(
          database,
          letter -> {
            boolean first = isFirst.getAndSet(false);
            if (first) {
              head.run();
            }
            if (json) {
              out().print(first ? "" : ",");
              out().print(json(letter));
            } else {
              listLine(letter);
            }
          });
      if (json) {
        if (isFirst.get()) {
          head.run();
        }
        out().println(']');
      } else if (isFirst.get()) {
        out().println("No dead letters.");
      }
      return 0;
    } finally {
      out().flush();
    }
  }

  private void listLine(DeadLetter letter) {
    out()
        .printf(
            LINE,
            letter.id(),
            letter.state(),
            place(letter),
            letter.reason(),
            Printable.line(letter.detail()));
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Show one dead letter with its bytes.")
  Integer show(@Parameters(paramLabel = "ID", description = "Id of the dead letter.") long id) {
    DeadLetter letter =
        DeadLetters.find(Locations.of(options.load()), id)
            .orElseThrow(() -> new NotFoundException(absent(id)));
    if (json) {
      out().println(json(letter));
    } else {
      print(letter);
    }
    out().flush();
    return 0;
  }

  @Command(
      name = "retry",
      mixinStandardHelpOptions = true,
      description = {
        "Try to apply dead letters again, after the cause has been fixed.",
        "Exit code 1 when one of them still cannot be applied, 3 when an id does not exist."
      })
  Integer retry(
      @Parameters(paramLabel = "ID", arity = "0..*", description = "Ids of the dead letters.")
          List<Long> ids,
      @Option(names = "--all", description = "Retry all that are waiting.") boolean all)
      throws InterruptedException {
    return handle(ids, all, DeadLetterRequest.Retry::new);
  }

  @Command(
      name = "dismiss",
      mixinStandardHelpOptions = true,
      description = {
        "Mark dead letters as reviewed and not wanted; their bytes are kept.",
        "A rebuild keeps the note."
      })
  Integer dismiss(
      @Parameters(paramLabel = "ID", arity = "0..*", description = "Ids of the dead letters.")
          List<Long> ids,
      @Option(names = "--all", description = "Dismiss all that are waiting.") boolean all,
      @Option(
              names = "--reason",
              paramLabel = "TEXT",
              defaultValue = "",
              description = "The reason; kept with the dead letters.")
          String reason)
      throws InterruptedException {
    int bytes = reason.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > DeadLetterRequest.LONGEST_REASON) {
      throw new ParameterException(
          spec.commandLine(),
          "The reason has %d bytes; at most %d are allowed."
              .formatted(bytes, DeadLetterRequest.LONGEST_REASON));
    }
    return handle(ids, all, id -> new DeadLetterRequest.Dismiss(id, reason));
  }

  private int handle(List<Long> ids, boolean all, LongFunction<DeadLetterRequest> request)
      throws InterruptedException {
    List<Long> named = ids == null ? List.of() : ids;
    if (named.isEmpty() != all) {
      throw new ParameterException(
          spec.commandLine(), "Specify dead letters by their ids, or use --all.");
    }
    try {
      Configuration configuration = options.load();
      ProjectionLocation database = Locations.of(configuration);
      List<Long> wanted = all ? DeadLetters.waiting(database) : named;
      AtomicInteger code = new AtomicInteger();
      Set<Long> present = new LinkedHashSet<>();
      for (long id : wanted) {
        if (all || DeadLetters.find(database, id).isPresent()) {
          present.add(id);
        } else {
          err().println("runledger: " + absent(id));
          code.set(ExitCodes.NOT_FOUND);
        }
      }
      DeadLetters.handle(
          configuration,
          present.stream().map(request::apply).toList(),
          outcome -> {
            err().println(Printable.line(outcome.sentence()));
            code.set(outcome.done() ? code.get() : Math.max(code.get(), ExitCodes.FAILED));
          });
      if (wanted.isEmpty()) {
        err().println("No dead letters are waiting.");
      }
      return code.get();
    } finally {
      err().flush();
    }
  }

  private static String absent(long id) {
    return "There is no dead letter " + id + "; 'runledger dead-letters list' shows them.";
  }

  private void print(DeadLetter letter) {
    out().println("place    " + place(letter));
    out().println("stored   " + Instant.ofEpochMilli(letter.source().timestamp()));
    out().println("state    " + letter.state());
    if (letter.tries() > 0) {
      out().println("tries    " + letter.tries());
    }
    letter.disposedAt().ifPresent(at -> out().println("disposed " + at + " UTC"));
    letter.disposition().ifPresent(why -> out().println("because  " + Printable.line(why)));
    out().println("reason   " + Printable.line(letter.reason()));
    out().println("detail   " + Printable.line(letter.detail()));
    out().println("headers  " + Printable.line(letter.headersJson()));
    out().println("key      " + bytes(letter.key()));
    out().println("value    " + bytes(letter.value()));
  }

  private static ObjectNode json(DeadLetter letter) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("id", letter.id()).put("state", letter.state()).put("topic", letter.source().topic());
    json.put("partition", letter.source().partition()).put("offset", letter.source().offset());
    json.put("timestamp", Instant.ofEpochMilli(letter.source().timestamp()).toString());
    json.put("reason", letter.reason()).put("detail", letter.detail());
    json.put("tries", letter.tries());
    letter.disposedAt().ifPresent(at -> json.put("disposed_at", at));
    letter.disposition().ifPresent(why -> json.put("disposition", why));
    json.putRawValue("headers", new RawValue(letter.headersJson()));
    letter.key().ifPresent(key -> json.put("key_base64", key));
    letter.value().ifPresent(value -> json.put("value_base64", value));
    return json;
  }

  private static String place(DeadLetter letter) {
    return letter.source().topic()
        + "/"
        + letter.source().partition()
        + "@"
        + letter.source().offset();
  }

  private static String bytes(Optional<byte[]> bytes) {
    if (bytes.isEmpty()) {
      return "none";
    }
    int shown = Math.min(BYTES_SHOWN, bytes.get().length);
    return "%d bytes: %s%s  %s"
        .formatted(
            bytes.get().length,
            HexFormat.of().formatHex(bytes.get(), 0, shown),
            shown < bytes.get().length ? "..." : "",
            Printable.line(new String(bytes.get(), 0, shown, StandardCharsets.ISO_8859_1)));
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
