/**
 * What people see of a run while it goes on and after: how far it is, what runs where, what failed.
 */
package io.prunegrid.job.watch;
