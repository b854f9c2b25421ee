/**
 * Broker and registry as child processes on this machine, and the topics and schemas of any
 * cluster.
 */
package io.runledger.stack;
