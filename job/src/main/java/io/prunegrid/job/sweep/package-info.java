/** What a person asks for: the sweep file, checked as a whole, and the cells it stands for. */
package io.prunegrid.job.sweep;
