/** Files of other spools that come over HTTP. */
package io.runledger.gateway.intake;
