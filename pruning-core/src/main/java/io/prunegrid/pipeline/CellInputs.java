package io.prunegrid.pipeline;

import io.prunegrid.common.Sha256;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Fingerprint;

/** What must be known of the data sets and networks that cells name, to plan the cells. */
public interface CellInputs {
  /**
   * What a data set looks like.
   *
   * @throws io.prunegrid.common.BadInput where it is absent or broken
   */
  Datasets.Look look(String spec);

  /**
   * What a data set contains.
   *
   * @throws io.prunegrid.common.BadInput where a part is absent or broken
   */
  Fingerprint content(String spec);

  /**
   * A network on a data set.
   *
   * @throws io.prunegrid.common.BadInput where it is unknown, its weights cannot be used or it does
   *     not take the images
   */
  NetworkInputs network(ModelConfig model, String spec);

  /**
   * What the cell's inputs contain.
   *
   * @throws io.prunegrid.common.BadInput where they cannot be read
   */
  default InputHashes hashes(CellConfig cell) {
    Fingerprint content = content(cell.data());
    NetworkInputs network = network(cell.model(), cell.data());
    return new InputHashes(
        network.hash(), network.weights(), Sha256.of(content.train() + content.test()));
  }

  /** How much work the cell's steps are, its network taken as unpruned. */
  default CellWork work(CellConfig cell) {
    return CellWork.of(cell, network(cell.model(), cell.data()), content(cell.data()));
  }
}
