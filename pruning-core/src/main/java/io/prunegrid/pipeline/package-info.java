/** One cell from start to finish: base, score, select, remove, evaluate, retrain, evaluate. */
package io.prunegrid.pipeline;
