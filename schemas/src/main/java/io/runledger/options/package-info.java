/** The options that all verbs share, and how they fail: one precedence, one voice. */
package io.runledger.options;
