/** Why a question has no answer: no database, no such run, no such metric. */
package io.runledger.query.failure;
