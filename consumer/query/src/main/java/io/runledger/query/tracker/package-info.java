/** Runs for other trackers: MLflow, W&amp;B, TensorBoard. */
package io.runledger.query.tracker;
