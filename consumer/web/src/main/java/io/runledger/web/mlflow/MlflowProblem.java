package io.runledger.web.mlflow;

import io.javalin.http.Context;
import io.runledger.config.Printable;
import io.runledger.query.format.Json;

/** Why a call has no answer, in the words of MLflow's clients. */
final class MlflowProblem extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;

  MlflowProblem(int status, String code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  static MlflowProblem invalid(String message) {
    return new MlflowProblem(400, "INVALID_PARAMETER_VALUE", message);
  }

  static MlflowProblem missing(String message) {
    return new MlflowProblem(404, "RESOURCE_DOES_NOT_EXIST", message);
  }

  /** A parameter is needed and is not there. */
  static MlflowProblem lacking(String parameter) {
    return invalid("Missing value for required parameter '%s'.".formatted(parameter));
  }

  static MlflowProblem notOffered(String path) {
    return new MlflowProblem(
        404,
        "ENDPOINT_NOT_FOUND",
        "Runledger does not offer %s of MLflow.".formatted(Printable.word(path)));
  }

  void answer(Context context) {
    context.status(status);
    context.removeHeader("ETag");
    context
        .contentType("application/json")
        .result(Json.bytes(Json.object().put("error_code", code).put("message", getMessage())));
  }
}
