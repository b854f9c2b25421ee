/** The database as a file: generations, migrations, damage, locks, the write-ahead log. */
package io.runledger.sqlite.file;
