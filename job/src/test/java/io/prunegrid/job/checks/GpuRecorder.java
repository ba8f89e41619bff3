package io.prunegrid.job.checks;

import io.prunegrid.job.schedule.Policy;
import io.prunegrid.job.spark.AssignedDevice;
import io.prunegrid.job.spark.Gpus;
import io.prunegrid.job.spark.GridSession;
import io.prunegrid.job.spark.GridSettings;
import io.prunegrid.job.spark.ItemRunner;
import io.prunegrid.job.spark.RunListener;
import io.prunegrid.job.spark.Work;
import io.prunegrid.job.spark.WorkItem;
import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.ResultsFolder;
import io.prunegrid.job.store.Row;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Items that compute nothing and note which GPU they were given, and from when to when. */
final class GpuRecorder implements ItemRunner {
  private static final long serialVersionUID = 1L;
  private static final long MILLIS = 250;

  private final String folder;
  private final Gpus gpus;

  private GpuRecorder(String folder, Gpus gpus) {
    this.folder = folder;
    this.gpus = gpus;
  }

  /** One item's time on a GPU, in milliseconds since the epoch. */
  record Use(String device, long from, long to) {}

  @Override
  public List<Row> run(WorkItem item) throws IOException, InterruptedException {
    try (AssignedDevice device = AssignedDevice.take("gpu", gpus)) {
      long from = System.currentTimeMillis();
      Thread.sleep(MILLIS);
      String use = device.device() + " " + from + " " + System.currentTimeMillis();
      Files.writeString(Path.of(folder, item.key()), use);
    }
    return List.of();
  }

  /** What items noted in a folder. */
  static List<Use> uses(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(
              file -> {
                try {
                  String[] words = Files.readString(file).split(" ", -1);
                  return new Use(words[0], Long.parseLong(words[1]), Long.parseLong(words[2]));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              })
          .toList();
    }
  }

  /**
   * Runs items.
   *
   * @param arguments a folder for the notes, one for results, the share of a GPU, how many items,
   *     how many slots
   */
  public static void main(String[] arguments) throws Exception {
    Path notes = Files.createDirectories(Path.of(arguments[0]));
    GridSettings wanted =
        new GridSettings(
            "gpus",
            Integer.parseInt(arguments[4]),
            1,
            new BigDecimal(arguments[2]),
            Optional.empty(),
            Map.of());
    Gpus gpus = wanted.gpusHere();
    GpuRecorder runner = new GpuRecorder(notes.toString(), gpus);
    Work.Builder work = Work.builder();
    for (int n = 0; n < Integer.parseInt(arguments[3]); n++) {
      work.add(new WorkItem("item" + n, "cell", "item " + n, ""));
    }
    try (GridSession session = GridSession.open(wanted);
        ResultsFolder results =
            ResultsFolder.open(Location.of(arguments[1]), List.of(Attempts.TABLE))) {
      session.run(work.build(), Policy.DEFAULT, runner, results, RunListener.SILENT);
    }
  }
}
