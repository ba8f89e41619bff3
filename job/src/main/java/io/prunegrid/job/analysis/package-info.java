/** What people make of rows: summaries, pictures and tables. */
package io.prunegrid.job.analysis;
