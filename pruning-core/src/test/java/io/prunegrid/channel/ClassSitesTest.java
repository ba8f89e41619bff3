package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.common.SplitMix64;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ClassSitesTest {
  private static final int CLASSES = 12;

  @Test
  void classesAreAlikeWhereTheyLiveInTheSamePlaces() {
    SplitMix64 random = new SplitMix64(3);
    for (int trial = 0; trial < 300; trial++) {
      ClassSites sites = new ClassSites(CLASSES);
      List<Map<String, List<Integer>>> expected = new ArrayList<>();
      for (int id = 0; id < CLASSES; id++) {
        expected.add(new LinkedHashMap<>());
      }
      for (int place = 0; place < 1 + trial % 6; place++) {
        int[] ids = new int[10];
        for (int position = 0; position < ids.length; position++) {
          ids[position] = (int) (random.nextFloat() * (CLASSES + 1)) - 1;
          if (ids[position] != CoupledChannels.NO_CLASS) {
            expected
                .get(ids[position])
                .computeIfAbsent("layer" + place + " " + Side.IN, p -> new ArrayList<>())
                .add(position);
          }
        }
        sites.add("layer" + place, Side.IN, ids);
      }
      Map<List<String>, Integer> first = new LinkedHashMap<>();
      int[] alike = new int[CLASSES];
      for (int id = 0; id < CLASSES; id++) {
        Map<String, List<Integer>> found = new TreeMap<>();
        for (Site site : sites.of(id)) {
          found.put(
              site.layer() + " " + site.side(), Arrays.stream(site.positions()).boxed().toList());
          assertThat(site.count()).isEqualTo(site.positions().length);
          assertThat(site.position(site.count() - 1)).isEqualTo(site.positions()[site.count() - 1]);
        }
        assertThat(found).isEqualTo(expected.get(id));
        List<String> places = List.copyOf(expected.get(id).keySet());
        first.putIfAbsent(places, id);
        alike[id] = first.get(places);
      }
      assertThat(sites.alike()).containsExactly(alike);
    }
  }
}
