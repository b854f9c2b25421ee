/**
 * What every store must hold, as tests: a store extends {@link io.runledger.contract.StoreContract}
 * and says how a database of it is opened and read.
 */
package io.runledger.contract;
