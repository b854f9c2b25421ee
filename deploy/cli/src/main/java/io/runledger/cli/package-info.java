/**
 * The {@code runledger} command: ties the verbs of the rooms together and owns none of their rules.
 */
package io.runledger.cli;
