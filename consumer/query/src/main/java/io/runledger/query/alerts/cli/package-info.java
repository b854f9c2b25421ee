/** The verb that lists what rules of alerts found. */
package io.runledger.query.alerts.cli;
