/**
 * What stores in tables of SQL share: the statements that the fold's ports stand for, transactions,
 * and the comparison of two databases. Knows JDBC and no driver.
 */
package io.runledger.rows;
