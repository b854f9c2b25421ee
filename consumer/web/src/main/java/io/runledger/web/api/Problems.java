package io.runledger.web.api;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.javalin.router.EndpointNotFound;
import io.runledger.query.failure.AmbiguousRunException;
import io.runledger.query.failure.LedgerNotFoundException;
import io.runledger.query.failure.LedgerUnavailableException;
import io.runledger.query.failure.MetricNotFoundException;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.filter.FilterSyntaxException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of the exceptions of a request. */
public final class Problems {

  private static final Logger logger = LoggerFactory.getLogger(Problems.class);

  private Problems() {}

  public static void addTo(RoutesConfig routes) {
    routes.exception(RunNotFoundException.class, answer(HttpStatus.NOT_FOUND));
    routes.exception(MetricNotFoundException.class, answer(HttpStatus.NOT_FOUND));
    routes.exception(AmbiguousRunException.class, answer(HttpStatus.BAD_REQUEST));
    routes.exception(LedgerNotFoundException.class, answer(HttpStatus.SERVICE_UNAVAILABLE));
    routes.exception(LedgerUnavailableException.class, answer(HttpStatus.SERVICE_UNAVAILABLE));
    routes.exception(FilterSyntaxException.class, Problems::ofFilter);
    routes.exception(BadRequestException.class, answer(HttpStatus.BAD_REQUEST));
    routes.exception(
        EndpointNotFound.class,
        (e, context) -> new Problem(HttpStatus.NOT_FOUND, Problem.NOTHING).answer(context));
    routes.exception(HttpResponseException.class, Problems::ofAnswer);
    routes.exception(Exception.class, Problems::ofOurs);
  }

  private static <E extends Exception> io.javalin.http.ExceptionHandler<E> answer(
      HttpStatus status) {
    return (e, context) -> new Problem(status, e.getMessage()).answer(context);
  }

  /** What was refused with a status, such as a request without a token. */
  public static void ofAnswer(HttpResponseException e, Context context) {
    new Problem(HttpStatus.forStatus(e.getStatus()), e.getMessage()).answer(context);
  }

  private static void ofFilter(FilterSyntaxException e, Context context) {
    new Problem(HttpStatus.BAD_REQUEST, e.problem(), Map.of("start", e.start(), "end", e.end()))
        .answer(context);
  }

  private static void ofOurs(Exception e, Context context) {
    logger.error("A request for {} failed.", context.path(), e);
    new Problem(HttpStatus.INTERNAL_SERVER_ERROR, Problem.OURS).answer(context);
  }
}
