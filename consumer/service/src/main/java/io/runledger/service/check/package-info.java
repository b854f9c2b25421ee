/** What the service's components find when they check themselves. */
package io.runledger.service.check;
