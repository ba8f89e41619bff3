/**
 * The few things that results and artifacts ask of a file system, done on local disks, on HDFS and
 * on object stores by what each truly guarantees.
 */
package io.prunegrid.job.store.disk;
