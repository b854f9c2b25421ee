/** A database made anew from the topics, and one compared with them. */
package io.runledger.service.rebuild;
