/** The routes of the API, and the JSON that they answer. */
package io.runledger.web.api;
