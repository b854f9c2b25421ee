/** The consumer group: who reads which partitions, and what each member is called. */
package io.runledger.service.group;
