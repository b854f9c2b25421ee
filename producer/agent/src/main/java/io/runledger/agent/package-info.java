/** Watches jobs from outside: wraps a command as a run, and sends spools for those who cannot. */
package io.runledger.agent;
