/** A schema registry's REST protocol, as a client. */
package io.runledger.serde.registry;
