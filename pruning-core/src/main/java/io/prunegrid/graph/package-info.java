/** The model as plain immutable data: operators, nodes, shapes and weights, in pure Java. */
package io.prunegrid.graph;
