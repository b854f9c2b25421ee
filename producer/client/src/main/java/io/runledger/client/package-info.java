/**
 * The library for jobs: events are appended to the spool, a thread sends them. The classes for
 * users are Tracker, RunHandle, RunOptions and Step.
 */
package io.runledger.client;
