/** What is known of the metrics of a run. */
package io.runledger.query.metrics;
