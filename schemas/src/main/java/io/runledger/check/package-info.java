/** What components find when they check themselves, and who collects it. */
package io.runledger.check;
