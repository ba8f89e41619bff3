/** The command line: one class per command, which parses, calls and prints. */
package io.prunegrid.job.cli;
