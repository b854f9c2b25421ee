/** A database recreated from the topics, and one compared with them. */
package io.runledger.service.rebuild;
