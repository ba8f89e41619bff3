package io.prunegrid;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The floors of the house: every package uses only what lies below it. */
class HouseTest {
  /** What each package of the house may use, beside itself and {@code common}. */
  private static final Map<String, List<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("common", List.of()),
          Map.entry("graph", List.of()),
          Map.entry("zoo", List.of("graph")),
          Map.entry("format", List.of("graph")),
          Map.entry("channel", List.of("graph")),
          Map.entry("runtime", List.of("graph")),
          Map.entry("data", List.of("graph")),
          Map.entry("train", List.of("graph", "runtime", "data", "measure")),
          Map.entry("measure", List.of("graph", "runtime", "data")),
          Map.entry("criterion", List.of("graph", "format", "channel", "runtime", "data")),
          Map.entry(
              "pipeline",
              List.of(
                  "graph",
                  "zoo",
                  "format",
                  "channel",
                  "runtime",
                  "data",
                  "train",
                  "measure",
                  "criterion")),
          Map.entry(
              "library",
              List.of("graph", "format", "channel", "runtime", "data", "criterion", "pipeline")),
          Map.entry("job.sweep", List.of("core")),
          Map.entry("job.schedule", List.of()),
          Map.entry("job.store", List.of("core", "job.sweep", "job.schedule")),
          Map.entry("job.spark", List.of("core", "job.sweep", "job.schedule", "job.store")),
          Map.entry(
              "job.analysis",
              List.of("core", "job.sweep", "job.schedule", "job.store", "job.spark")),
          Map.entry(
              "job.watch", List.of("core", "job.sweep", "job.schedule", "job.store", "job.spark")),
          Map.entry(
              "job.cli",
              List.of(
                  "core",
                  "job.sweep",
                  "job.schedule",
                  "job.store",
                  "job.spark",
                  "job.analysis",
                  "job.watch")));

  private static JavaClasses house;

  @BeforeAll
  static void read() {
    house =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.prunegrid");
  }

  @TestFactory
  Stream<DynamicTest> everyRoomUsesOnlyTheFloorsBelow() {
    return MAY_USE.keySet().stream()
        .sorted()
        .map(room -> DynamicTest.dynamicTest(room, () -> usesOnlyItsFloors(room)));
  }

  private static void usesOnlyItsFloors(String room) {
    noClasses()
        .that()
        .resideInAPackage("io.prunegrid." + room + "..")
        .should()
        .dependOnClassesThat(
            new DescribedPredicate<>("lie in a room that " + room + " may not use") {
              @Override
              public boolean test(JavaClass other) {
                String used = roomOf(other);
                return !used.isEmpty()
                    && !used.equals(room)
                    && !used.equals("common")
                    && !allowed(room, used);
              }
            })
        .check(house);
  }

  private static boolean allowed(String room, String used) {
    List<String> list = MAY_USE.get(room);
    return list.contains(used) || (list.contains("core") && !used.startsWith("job."));
  }

  private static String roomOf(JavaClass type) {
    String name = type.getPackageName();
    if (!name.startsWith("io.prunegrid.")) {
      return "";
    }
    String[] parts = name.substring("io.prunegrid.".length()).split("\\.", -1);
    return parts[0].equals("job") && parts.length > 1 ? "job." + parts[1] : parts[0];
  }

  @Test
  void everyPackageIsARoomOfThePlan() {
    classes()
        .should()
        .resideInAnyPackage(
            MAY_USE.keySet().stream()
                .map(room -> "io.prunegrid." + room + "..")
                .toArray(String[]::new))
        .check(house);
  }

  @Test
  void onlyTheRuntimeKnowsDjl() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.prunegrid.runtime..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl..")
        .check(house);
  }

  @Test
  void onlyTheRuntimeKnowsOnnxRuntime() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.prunegrid.runtime..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.onnxruntime..")
        .check(house);
  }

  @Test
  void onlyTheSparkRoomKnowsSpark() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.prunegrid.job.spark..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.spark..")
        .check(house);
  }

  @Test
  void theModelAndItsStructureArePlainJava() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.prunegrid.common..",
            "io.prunegrid.graph..",
            "io.prunegrid.zoo..",
            "io.prunegrid.channel..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages("java..", "io.prunegrid..")
        .check(house);
  }

  @Test
  void theCoreNeedsNoSparkAndNoHadoop() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.prunegrid.job..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.spark..",
            "org.apache.hadoop..",
            "org.apache.avro..",
            "org.apache.parquet..")
        .check(house);
  }
}
