package io.prunegrid.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Small JSON documents, read strictly and written the same way every time. */
final class JsonFiles {
  private static final long LARGEST = 1 << 24;

  /** What the parser says of itself: where a limit is set, how to allow more. */
  private static final Pattern SWITCHES =
      Pattern.compile(
          ", from `[^`]*`|: enable `[^`]*` to allow| \\(not recognized as one since[^)]*\\)"
              + "| \\(`[^`]*`[^)]*\\)");

  private static final Pattern SOURCE = Pattern.compile("\\[Source: [^\\];]*; ([^\\]]*)\\]");

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private JsonFiles() {}

  static ObjectMapper mapper() {
    return JSON;
  }

  static JsonNode read(Bytes file) throws IOException {
    if (file.length() > LARGEST) {
      throw new Malformed(
          "has " + file.length() + " bytes; at most " + LARGEST + " are read as JSON");
    }
    try (InputStream in = file.open(0)) {
      return JSON.readTree(in.readAllBytes());
    } catch (JsonProcessingException e) {
      throw new Malformed("is no valid JSON: " + reason(e));
    } catch (CharConversionException e) {
      throw new Malformed("is no valid JSON: its bytes are no text in UTF-8");
    }
  }

  /** What is wrong with a JSON document, and where. */
  static String reason(JsonProcessingException problem) {
    JsonLocation at = problem.getLocation();
    String reason = plain(problem.getOriginalMessage().lines().findFirst().orElse(""));
    return at == null
        ? reason
        : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": " + reason;
  }

  /** The parser's words without the names of its own switches and sources. */
  private static String plain(String reason) {
    if (reason.startsWith("Trailing token")) {
      return "something follows after its end";
    }
    return SOURCE.matcher(SWITCHES.matcher(reason).replaceAll("")).replaceAll("$1");
  }

  static byte[] bytes(JsonNode document) throws IOException {
    return (JSON.writeValueAsString(document) + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
