/** The filter language: which runs are meant, in one line that people write. */
package io.runledger.query.filter;
