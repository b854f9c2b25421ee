/**
 * The library for jobs: events are appended to the spool, a thread sends them. The classes for
 * users are Tracker, RunHandle, RunOptions and At.
 */
package io.runledger.client;
