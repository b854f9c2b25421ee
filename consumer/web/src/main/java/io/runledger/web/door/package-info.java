/** What others send in over HTTP, which somebody who writes a spool takes. */
package io.runledger.web.door;
