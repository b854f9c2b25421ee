/** Sends a spool over HTTPS, where only that gets out. */
package io.runledger.client.upload;
