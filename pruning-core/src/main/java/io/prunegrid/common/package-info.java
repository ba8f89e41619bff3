/**
 * Words every room shares: bad input, named random streams, hashes and helpful answers to typos.
 */
package io.prunegrid.common;
