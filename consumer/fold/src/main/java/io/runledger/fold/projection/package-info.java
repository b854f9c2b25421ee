/** A projection as those see it who fill it, rebuild it and compare it, whatever store holds it. */
package io.runledger.fold.projection;
