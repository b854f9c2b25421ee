/** Takes events that come over HTTP into a spool, and sends them on. */
package io.runledger.gateway;
