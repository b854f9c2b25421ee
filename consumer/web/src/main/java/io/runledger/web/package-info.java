/** The server of the API and of the page: begin with {@link io.runledger.web.WebServer}. */
package io.runledger.web;
