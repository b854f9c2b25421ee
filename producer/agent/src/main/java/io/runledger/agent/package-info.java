/**
 * Watches jobs from outside: wraps a command as a run, and sends the spools of jobs that cannot
 * send them.
 */
package io.runledger.agent;
