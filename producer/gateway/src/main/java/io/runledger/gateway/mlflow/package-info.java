/** The calls of MLflow's REST interface that write, as lines of events. */
package io.runledger.gateway.mlflow;
