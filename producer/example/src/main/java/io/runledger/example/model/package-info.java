/** A training that knows nothing of tracking: data, network, checkpoints. */
package io.runledger.example.model;
