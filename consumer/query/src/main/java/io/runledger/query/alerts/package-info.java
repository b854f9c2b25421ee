/** What rules of alerts found, and whom it reached. */
package io.runledger.query.alerts;
