/** The verbs {@code consume}, {@code rebuild}, {@code verify} and {@code dead-letters}. */
package io.runledger.service.cli;
