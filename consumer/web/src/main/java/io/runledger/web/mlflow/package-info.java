/** The calls of MLflow's REST interface that read, answered from the ledger. */
package io.runledger.web.mlflow;
