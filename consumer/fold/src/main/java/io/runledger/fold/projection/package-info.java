/** A projection as seen by code that fills, rebuilds and compares it, independent of its store. */
package io.runledger.fold.projection;
