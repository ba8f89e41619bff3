/** Which channels live and die together; counting, selecting and removing them. */
package io.prunegrid.channel;
