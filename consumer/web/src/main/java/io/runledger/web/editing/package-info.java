/** How people change runs through the page: as events, by whoever can write a spool. */
package io.runledger.web.editing;
