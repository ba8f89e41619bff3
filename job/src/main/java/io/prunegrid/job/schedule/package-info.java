/**
 * Decides what runs next, where, again or not at all: plain code that is told what happened and
 * answers with what to do, with no clock, no thread and no Spark of its own.
 */
package io.prunegrid.job.schedule;
