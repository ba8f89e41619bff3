package io.prunegrid.job.sweep;

import io.prunegrid.channel.LayerNumbers;
import io.prunegrid.channel.SelectionConfig.Apply;
import io.prunegrid.common.Names;
import io.prunegrid.criterion.Unit;
import io.prunegrid.job.sweep.Axes.Entry;
import io.prunegrid.job.sweep.Axes.ModelEntry;
import io.prunegrid.job.sweep.Block.Found;
import io.prunegrid.pipeline.PruningCheck;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds settings of a grid that would do nothing, most likely slips. */
final class IdleSettings {
  private static final String ANY = "of any of the models";

  private final Vocabulary vocabulary;
  private final Problems problems;
  private final Block grid;
  private final List<Entry<ModelEntry>> models;
  private final List<Block> methods;

  IdleSettings(
      Vocabulary vocabulary, Problems problems, Block grid, List<Entry<ModelEntry>> models) {
    this.vocabulary = vocabulary;
    this.problems = problems;
    this.grid = grid;
    this.models = models;
    this.methods = new MethodReader(vocabulary, problems).entries(grid);
  }

  /**
   * A glob of a grid must match a layer of one of its models, a model's glob one of its own.
   *
   * @param networks of the models, in their order
   * @param written the grid's methods
   */
  void refuseGlobs(List<Optional<NetworkFacts>> networks, List<Entry<GridMethod>> written) {
    Set<String> all = new LinkedHashSet<>();
    for (int i = 0; i < models.size(); i++) {
      if (networks.get(i).isPresent()) {
        Set<String> layers = new LinkedHashSet<>(networks.get(i).get().layers());
        Block own = models.get(i).value().keys();
        refuseGlobs(
            new Block(own.values(), own.path(), Optional.empty(), problems),
            layers,
            "of " + models.get(i).value().label());
        all.addAll(layers);
      }
    }
    if (all.isEmpty() || networks.stream().anyMatch(Optional::isEmpty)) {
      return;
    }
    refuseGlobs(grid, all, ANY);
    methods.forEach(block -> refuseGlobs(block, all, ANY));
    for (Entry<GridMethod> method : written) {
      Map<String, List<String>> globs = vocabulary.layerGlobs(method.value().method());
      method
          .found()
          .ifPresent(
              found ->
                  globs.forEach(
                      (parameter, own) -> refuseGlobs(found.at(parameter), own, all, ANY)));
    }
  }

  private void refuseGlobs(Block block, Set<String> layers, String whose) {
    for (Key<List<String>> key : List.of(SweepKeys.IGNORE, SweepKeys.PROTECT)) {
      Optional<Found> found = block.lookup(key.name());
      found
          .flatMap(f -> key.kind().read(f.value()))
          .ifPresent(globs -> refuseGlobs(found.get(), globs, layers, whose));
    }
    for (Key<LayerNumbers> key : List.of(SweepKeys.LAYER_RATIOS, SweepKeys.LAYER_CAPS)) {
      Optional<Found> found = block.lookup(key.name());
      found
          .flatMap(f -> key.kind().read(f.value()))
          .ifPresent(numbers -> refuseGlobs(found.get(), numbers.globs(), layers, whose));
    }
  }

  private void refuseGlobs(
      Found found, List<String> globs, Collection<String> layers, String whose) {
    for (String glob : globs) {
      if (layers.stream().noneMatch(Names.glob(glob).asMatchPredicate())) {
        problems.add(
            found.origin(),
            found.path(),
            ": '" + glob + "' matches no layer " + whose + Names.suggestion(glob, layers));
      }
    }
  }

  /**
   * What says which parts are zeroed must find something that is zeroed: that of a grid in one of
   * its methods or models, that of a method in itself.
   */
  void refuseZeroParts() {
    if (models.stream().anyMatch(model -> zeroes(model.value().keys()))) {
      return;
    }
    if (!zeroes(grid) && methods.stream().noneMatch(IdleSettings::zeroes)) {
      refuseZeroParts(grid, grid.lookup(SweepKeys.ZERO_PARTS.name()));
    }
    for (Block method : methods) {
      if (!zeroes(method)) {
        refuseZeroParts(method, method.own(SweepKeys.ZERO_PARTS.name()));
      }
    }
  }

  private static boolean zeroes(Block block) {
    return block.read(SweepKeys.APPLY) == Apply.ZERO;
  }

  private void refuseZeroParts(Block block, Optional<Found> parts) {
    parts.ifPresent(
        found ->
            PruningCheck.idleZeroParts(Unit.CHANNELS, MethodReader.selection(block))
                .ifPresent(why -> problems.add(found.origin(), found.path(), ": " + why)));
  }
}
