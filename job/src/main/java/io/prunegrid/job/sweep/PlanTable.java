package io.prunegrid.job.sweep;

import io.prunegrid.job.sweep.Plan.PlannedCell;
import io.prunegrid.pipeline.CellConfig;
import io.prunegrid.pipeline.CellIdentities;
import io.prunegrid.pipeline.CellInputs;
import io.prunegrid.pipeline.CellKeys;
import java.util.List;

/**
 * The distinct cells of a sweep in columns, some sixty bytes a cell: positions on axes and packed
 * keys, from which configurations are made when they are asked for.
 */
final class PlanTable {
  private final List<Grid> grids;
  private final CellInputs inputs;
  // one entry a family: cells that differ in their ratio only, one after the other
  private final IntList gridOf = new IntList();
  private final IntList model = new IntList();
  private final IntList seed = new IntList();
  private final IntList subset = new IntList();
  private final IntList method = new IntList();
  private final KeyColumn base = new KeyColumn();
  private final KeyColumn evaluation = new KeyColumn();
  private final KeyColumn score = new KeyColumn();
  // one entry a cell
  private final IntList family = new IntList();
  private final IntList ratio = new IntList();
  private final KeyColumn cells = new KeyColumn();
  private int asked;

  PlanTable(List<Grid> grids, CellInputs inputs) {
    this.grids = grids;
    this.inputs = inputs;
    CellIdentities identities = new CellIdentities();
    KeyIndex distinct = new KeyIndex(cells);
    for (int grid = 0; grid < grids.size(); grid++) {
      new Filling(grid, identities, distinct).run();
    }
  }

  /** Adds the cells of one grid that are not there yet. */
  private final class Filling {
    private final int grid;
    private final CellIdentities identities;
    private final KeyIndex distinct;
    private final int[] current = {-1, -1, -1, -1};
    private CellIdentities.Family keys;
    private int kept = -1;

    Filling(int grid, CellIdentities identities, KeyIndex distinct) {
      this.grid = grid;
      this.identities = identities;
      this.distinct = distinct;
    }

    void run() {
      grids.get(grid).forEach(this::cell);
    }

    private void cell(int m, int s, int u, int t, int r) {
      if (m != current[0] || s != current[1] || u != current[2] || t != current[3]) {
        current[0] = m;
        current[1] = s;
        current[2] = u;
        current[3] = t;
        CellConfig config = grids.get(grid).cell(m, s, u, t, r);
        keys = identities.family(config, inputs.hashes(config));
        kept = -1;
      }
      asked++;
      int position = cells.add(keys.cell(grids.get(grid).ratios().get(r)));
      if (distinct.add(position) != position) {
        cells.removeLast();
        return;
      }
      if (kept < 0) {
        keep();
      }
      family.add(kept);
      ratio.add(r);
    }

    private void keep() {
      gridOf.add(grid);
      model.add(current[0]);
      seed.add(current[1]);
      subset.add(current[2]);
      method.add(current[3]);
      base.add(keys.base());
      evaluation.add(keys.evaluation());
      kept = score.add(keys.score());
    }
  }

  int size() {
    return cells.size();
  }

  /** How many cells the axes make, equal ones counted each. */
  int asked() {
    return asked;
  }

  String key(int cell) {
    return cells.hex(cell);
  }

  double ratio(int cell) {
    return grids.get(gridOf.get(family.get(cell))).ratios().get(ratio.get(cell));
  }

  /** Cells of one family have the same number, and no others. */
  int family(int cell) {
    return family.get(cell);
  }

  KeyColumn bases() {
    return base;
  }

  KeyColumn evaluations() {
    return evaluation;
  }

  KeyColumn scores() {
    return score;
  }

  PlannedCell cell(int cell) {
    int of = family.get(cell);
    Grid grid = grids.get(gridOf.get(of));
    CellConfig config =
        grid.cell(model.get(of), seed.get(of), subset.get(of), method.get(of), ratio.get(cell));
    CellKeys keys = new CellKeys(base.hex(of), evaluation.hex(of), score.hex(of), cells.hex(cell));
    return new PlannedCell(grid.name(), config, keys, inputs.work(config));
  }
}
