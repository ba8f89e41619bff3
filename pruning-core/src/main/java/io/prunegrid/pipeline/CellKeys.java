package io.prunegrid.pipeline;

/**
 * The identities of a cell and of the work it shares: SHA-256 of what {@link CellIdentities} spells
 * out.
 *
 * @param base the base: a trained network, or a network with given weights
 * @param evaluation the unpruned network's accuracy on the subset
 * @param score the criterion's statistics
 * @param cell the row
 */
public record CellKeys(String base, String evaluation, String score, String cell) {
  public static CellKeys of(CellConfig config, InputHashes inputs) {
    return new CellIdentities().family(config, inputs).keys(config.ratio());
  }
}
