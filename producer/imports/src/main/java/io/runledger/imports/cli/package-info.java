/** The verb {@code import}. */
package io.runledger.imports.cli;
