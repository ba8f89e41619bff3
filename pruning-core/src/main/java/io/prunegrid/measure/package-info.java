/** What a model achieves and costs: accuracy overall and by class, latency beside another one. */
package io.prunegrid.measure;
