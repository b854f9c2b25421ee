/** What the oracle needs to compare texts and configurations, as plain as possible. */
package io.runledger.contract.oracle;
