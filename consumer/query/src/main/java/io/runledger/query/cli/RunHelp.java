package io.runledger.query.cli;

/** What help says of the parameters that several verbs have. */
public final class RunHelp {

  /** How a run is named. */
  public static final String RUN =
      "An id or the first characters of it, a name, a run key (experiment/dataset/method/subject/cl_info/seed,"
          + " - for an absent part), slurm:JOB, or a decimal run_id."
          + " Prefix it with id:, name: or key: to be explicit.";

  private RunHelp() {}
}
