/** The file of lines that everything goes into that comes as calls. */
package io.runledger.gateway.log;
