package io.runledger.gateway.mlflow;

/** Why a call has no answer, in the words of MLflow's clients. */
final class MlflowException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;

  MlflowException(int status, String code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  static MlflowException invalid(String message) {
    return new MlflowException(400, "INVALID_PARAMETER_VALUE", message);
  }

  /** A parameter is needed and is not there. */
  static MlflowException lacking(String parameter) {
    return invalid("Missing value for required parameter '%s'.".formatted(parameter));
  }

  static MlflowException missing(String message) {
    return new MlflowException(404, "RESOURCE_DOES_NOT_EXIST", message);
  }

  /** Of HTTP. */
  int status() {
    return status;
  }

  /** MLflow's name of the error. */
  String code() {
    return code;
  }
}
