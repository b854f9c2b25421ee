/** The read verbs of the command: data to stdout, words to stderr. */
package io.runledger.query.cli;
