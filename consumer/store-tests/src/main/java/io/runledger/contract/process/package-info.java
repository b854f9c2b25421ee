/** Other processes that a test needs. */
package io.runledger.contract.process;
