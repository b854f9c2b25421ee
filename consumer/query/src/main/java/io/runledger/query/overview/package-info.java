/** The ledger as a whole: what names exist, what failed, what is missing, how it does. */
package io.runledger.query.overview;
