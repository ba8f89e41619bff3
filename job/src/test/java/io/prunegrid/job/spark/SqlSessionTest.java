package io.prunegrid.job.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.store.Cells;
import io.prunegrid.job.store.DuckDb;
import io.prunegrid.job.store.ResultsFolder;
import io.prunegrid.job.store.ResultsOptions;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.disk.Location;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SqlSessionTest {
  private static final int ROWS = 45;

  @TempDir static Path temporary;

  private static Path folder;
  private static ResultsFolder results;
  private static SqlSession sql;

  /** Rows in several Parquet files and in the journal of a run that goes on. */
  @BeforeAll
  static void publish() {
    folder = temporary.resolve("odd [name] {a,b} 50% *?");
    results =
        ResultsFolder.open(Location.of(folder), Cells.TABLES, new ResultsOptions(10, 1 << 20));
    for (int i = 0; i < ROWS; i++) {
      results.publishAndWait(Cells.row(i));
      if (i == 29) {
        results.cut();
      }
    }
    sql = TestGrid.session().sql(ResultsReader.open(Location.of(folder), Cells.TABLES));
  }

  @AfterAll
  static void close() {
    sql.close();
    results.close();
  }

  @Test
  void viewsHoldEveryRowOfFilesAndJournalOnce() {
    assertThat(rows("select count(*), count(distinct key) from cells"))
        .containsExactly(List.of((long) ROWS, (long) ROWS));
    assertThat(rows("select count(*) from attempts")).containsExactly(List.of(0L));
  }

  @Test
  void columnsHaveTheirNamesOrderAndPlainValues() {
    SqlAnswer answer = sql.query("select * from cells where number = 7");
    assertThat(answer.columns()).isEqualTo(Cells.TABLE.columns());
    assertThat(answer.rows().next())
        .containsExactly(
            Cells.key(7),
            7,
            0.7,
            "ln",
            List.of(7L, 8L),
            Map.of("layer1.0.conv1", 7, "conv.2", 14),
            List.of(count(0, null), count(1, 7), count(2, null)));
    assertThat(answer.rows().hasNext()).isFalse();
  }

  @Test
  void mistakesAreToldInOneLineOfSparksOwnWords() {
    assertThatThrownBy(() -> sql.query("select top9 from cells"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("top9")
        .message()
        .doesNotContain("\n");
    assertThatThrownBy(() -> sql.query("selec key from cells"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("selec");
    assertThatThrownBy(() -> sql.query("select * from sells"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("sells");
    assertThatThrownBy(() -> rows("select cast(key as int) from cells"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("CAST");
  }

  @Test
  void sparkAndDuckDbReadTheFilesAsTheyAre() {
    Path plain = temporary.resolve("plain");
    try (ResultsFolder other = ResultsFolder.open(Location.of(plain), Cells.TABLES)) {
      for (int i = 0; i < ROWS; i++) {
        other.publishAndWait(Cells.row(i));
      }
    }
    String where = " where ratio > 0.45 and method = 'ln' and len(per_class) > 1";
    long bySpark =
        (Long)
            rows("select count(*) from parquet.`"
                    + plain
                    + "/cells`"
                    + where.replace("len", "size"))
                .get(0)
                .get(0);
    assertThat(bySpark).isPositive();
    assertThat(DuckDb.number("select count(*) from '" + plain + "/cells/*.parquet'" + where))
        .isEqualTo(bySpark);
  }

  private static List<List<Object>> rows(String statement) {
    List<List<Object>> rows = new ArrayList<>();
    sql.query(statement).rows().forEachRemaining(rows::add);
    return rows;
  }

  private static Map<String, Object> count(int index, Integer correct) {
    Map<String, Object> count = new java.util.LinkedHashMap<>();
    count.put("class", index);
    count.put("correct", correct);
    return count;
  }
}
