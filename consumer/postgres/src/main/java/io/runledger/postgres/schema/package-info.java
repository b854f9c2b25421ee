/** The schemas of a ledger: its generations, and the one that shows the generation in use. */
package io.runledger.postgres.schema;
