/**
 * {@code runledger bench}: how Runledger performs on this machine, or on a cluster. Each figure is
 * next to that of a plain reference from the same process, so that a slow machine and a slow
 * program can be told apart.
 */
package io.runledger.bench;
