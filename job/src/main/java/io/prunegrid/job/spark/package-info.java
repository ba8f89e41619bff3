/** Runs work on Spark and hands rows to the driver; the only package that imports Spark's own. */
package io.prunegrid.job.spark;
