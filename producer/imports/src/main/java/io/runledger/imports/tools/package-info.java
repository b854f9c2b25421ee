/** One class a tracker: what its files say, as runs, metrics, statuses. */
package io.runledger.imports.tools;
