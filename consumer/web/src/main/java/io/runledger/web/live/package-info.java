/** Says to pages that something changed, so that none polls. */
package io.runledger.web.live;
