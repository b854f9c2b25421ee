/** Why a store cannot be written. */
package io.runledger.fold.store;
