/**
 * Curves for drawing while they grow: buckets that keep every spike, and the tail of what is new.
 */
package io.runledger.query.series;
