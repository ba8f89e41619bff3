package io.prunegrid.job.spark;

import io.prunegrid.job.store.Row;
import java.io.Serializable;
import java.util.List;

/**
 * Does one item, on whichever executor it is. It travels there by Java serialization, so it holds
 * plain values; what is dear to make (an engine, a data set) belongs in statics of its own, one for
 * each process.
 */
@FunctionalInterface
public interface ItemRunner extends Serializable {
  /**
   * Does the item. Whatever it throws becomes a failed attempt of this item and of no other.
   *
   * @return rows to publish together; empty where the result is an artifact
   */
  List<Row> run(WorkItem item) throws Exception;

  /**
   * Does an item that was tried before in this run, and did not finish: the same again where
   * nothing else is said.
   *
   * @return rows to publish together
   */
  default List<Row> runAgain(WorkItem item) throws Exception {
    return run(item);
  }
}
