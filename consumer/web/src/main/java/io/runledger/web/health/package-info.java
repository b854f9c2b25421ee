/** How the ledger does: what the database, the spool of this machine and the service say of it. */
package io.runledger.web.health;
