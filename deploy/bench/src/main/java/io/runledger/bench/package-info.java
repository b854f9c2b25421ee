/**
 * {@code runledger bench}: what this machine, or a cluster, does with Runledger. Each figure is
 * next to that of a plain reference which ran in the same process, so that a slow machine and a
 * slow program can be told apart.
 */
package io.runledger.bench;
