/**
 * Runs work on Spark and hands rows to the driver; the only package that imports org.apache.spark.
 */
package io.prunegrid.job.spark;
