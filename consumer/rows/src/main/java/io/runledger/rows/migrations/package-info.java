/** Which migrations the database of a store has had. */
package io.runledger.rows.migrations;
