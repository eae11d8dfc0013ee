import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.FileInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.Security;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/**
 * A TLS server as Java has it: JSSE over JKS stores, which demands a client certificate. It answers every request with the
 * protocol, the client's name and the length of the body. Its standard input ends it.
 *
 * Arguments: key store, trust store, password of both, protocols separated by commas. Prints its port.
 */
final class JsseServer {
  public static void main(String[] args) throws Exception {
    // What a server from before 2021 had not disabled yet.
    Security.setProperty("jdk.tls.disabledAlgorithms", "");
    char[] password = args[2].toCharArray();
    KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
    keys.init(load(args[0], password), password);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(load(args[1], password));
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    String[] protocols = args[3].split(",");

    HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context) {
      @Override
      public void configure(HttpsParameters parameters) {
        SSLParameters ssl = context.getSupportedSSLParameters();
        ssl.setProtocols(protocols);
        ssl.setNeedClientAuth(true);
        parameters.setSSLParameters(ssl);
      }
    });
    server.createContext("/", exchange -> {
      HttpsExchange secure = (HttpsExchange) exchange;
      int length = exchange.getRequestBody().readAllBytes().length;
      String text = String.format(
          "{\"protocol\":\"%s\",\"client\":\"%s\",\"method\":\"%s\",\"bytes\":%d}",
          secure.getSSLSession().getProtocol(), secure.getSSLSession().getPeerPrincipal(),
          exchange.getRequestMethod(), length);
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
    System.out.println(server.getAddress().getPort());
    System.out.flush();
    while (System.in.read() != -1) {
      // until the end
    }
    System.exit(0);
  }

  private static KeyStore load(String file, char[] password) throws Exception {
    KeyStore store = KeyStore.getInstance("JKS");
    try (FileInputStream in = new FileInputStream(file)) {
      store.load(in, password);
    }
    return store;
  }
}
