/**
 * The {@code runledger} command: ties the verbs of all modules together, and contains none of their
 * rules.
 */
package io.runledger.cli;
