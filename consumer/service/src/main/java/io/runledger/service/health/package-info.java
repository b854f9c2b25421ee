/** What the service says of itself, over HTTP. */
package io.runledger.service.health;
