import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.util.List;
import java.util.Map;

/**
 * A local program of the usual kind: one request for each three arguments (how, URL, length of the body), one after the
 * other, each response told on standard output: status, its fields as "name: value", an empty line, the body.
 * "how" is GET, fixed or chunked; the last two are POST in the streaming mode of that name.
 */
public class UrlConnection {
  public static void main(String[] args) throws IOException {
    for (int i = 0; i < args.length; i += 3) request(args[i], args[i + 1], Integer.parseInt(args[i + 2]));
  }

  private static void request(String how, String url, int length) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) new URL(url).openConnection();
    connection.setRequestProperty("X-Name", "java");
    if (!how.equals("GET")) {
      connection.setRequestMethod("POST");
      connection.setDoOutput(true);
      if (how.equals("fixed")) connection.setFixedLengthStreamingMode(length);
      else connection.setChunkedStreamingMode(1000);
      byte[] body = new byte[length];
      for (int i = 0; i < length; i += 1) body[i] = (byte) (i % 251);
      try (OutputStream stream = connection.getOutputStream()) {
        stream.write(body);
      }
    }
    System.out.println(connection.getResponseCode() + " " + connection.getResponseMessage());
    for (Map.Entry<String, List<String>> field : connection.getHeaderFields().entrySet()) {
      if (field.getKey() == null) continue;
      for (String value : field.getValue()) System.out.println(field.getKey() + ": " + value);
    }
    System.out.println();
    boolean failed = connection.getResponseCode() >= 400;
    try (InputStream stream = failed ? connection.getErrorStream() : connection.getInputStream()) {
      System.out.println(new String(stream.readAllBytes(), "UTF-8").strip());
    }
  }
}
