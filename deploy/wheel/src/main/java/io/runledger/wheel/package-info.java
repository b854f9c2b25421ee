/** Builds the wheel of the Python package, without Python. */
package io.runledger.wheel;
