package io.prunegrid.job.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.store.Column.Stability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class ResultsDocTest {
  private static final Path DOC = Path.of("../docs/results.md");

  @Test
  void theResultsPageListsEveryColumnOfCells() throws IOException {
    List<String> wanted = CellColumns.ALL.stream().map(ResultsDocTest::line).toList();

    assertThat(Files.readAllLines(DOC))
        .as("docs/results.md; the lines it should have are:\n%s", String.join("\n", wanted))
        .containsAll(wanted);
  }

  @Test
  void theResultsPageListsEveryColumnOfMeasurements() throws IOException {
    List<String> wanted = MeasurementColumns.ALL.stream().map(ResultsDocTest::line).toList();

    assertThat(Files.readAllLines(DOC))
        .as("docs/results.md; the lines it should have are:\n%s", String.join("\n", wanted))
        .containsAll(wanted);
  }

  @Test
  void theResultsPageListsEveryColumnOfAttempts() throws IOException {
    List<String> wanted =
        Attempts.TABLE.schema().getFields().stream()
            .map(
                field ->
                    "| `"
                        + field.name()
                        + "` | "
                        + type(field.schema())
                        + " | "
                        + field.doc()
                        + " |")
            .toList();

    assertThat(Files.readAllLines(DOC))
        .as("docs/results.md; the lines it should have are:\n%s", String.join("\n", wanted))
        .containsAll(wanted);
  }

  @Test
  void columnsHaveNamesThatSqlNeedsNoQuotesFor() {
    assertThat(CellColumns.ALL)
        .extracting(Column::name)
        .allMatch(name -> name.matches("[a-z][a-z0-9_]*"));
    assertThat(CellColumns.ALL).extracting(Column::name).doesNotHaveDuplicates();
  }

  private static String line(Column<?> column) {
    String mark = column.stability() == Stability.VARIES ? "yes" : "";
    return "| `"
        + column.name()
        + "` | "
        + type(column.type())
        + " | "
        + column.doc()
        + " | "
        + mark
        + " |";
  }

  private static String type(Schema schema) {
    return switch (schema.getType()) {
      case UNION ->
          schema.getTypes().stream()
                  .filter(type -> type.getType() != Schema.Type.NULL)
                  .map(ResultsDocTest::type)
                  .collect(Collectors.joining())
              + "?";
      case ARRAY -> "array of " + type(schema.getElementType());
      case MAP -> "map to " + type(schema.getValueType());
      case RECORD ->
          schema.getFields().stream()
              .map(Schema.Field::name)
              .collect(Collectors.joining(", ", "{", "}"));
      default -> {
        boolean timestamp = schema.getLogicalType() != null;
        yield timestamp ? "timestamp" : schema.getType().getName().toLowerCase(Locale.ROOT);
      }
    };
  }
}
