/**
 * What a job hands over, as it is stored: texts and configurations without secrets, cut to their
 * limits.
 */
package io.runledger.spool.values;
