/**
 * Points that PostgreSQL sums up where they lie: one statement groups a whole series, because
 * carrying a million points over costs several times as much as looking at them.
 */
package io.runledger.query.sql.grouped;
