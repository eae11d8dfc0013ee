// Longer than other files, so that the whole surface of the configuration can be seen on one page.
import * as v from 'valibot';
import * as kind from './kinds.ts';

/** A key that must be written. */
const required = <S extends v.GenericSchema>(schema: S, why: string) => v.pipe(schema, v.description(why));

/** A key that may be left out and then has no value. */
const optional = <S extends v.GenericSchema>(schema: S, why: string) =>
  v.exactOptional(v.pipe(schema, v.description(why)));

/** A key that may be left out; the default is spelled as a user would write it. */
const setting = <S extends v.GenericSchema, const D extends v.InferInput<S>>(schema: S, standard: D, why: string) =>
  v.optional(v.pipe(schema, v.description(why)), standard as never);

const list = <S extends v.GenericSchema>(item: S, title: string) => v.pipe(v.array(item), v.title(title));
const filled = <S extends v.GenericSchema>(item: S, title: string) =>
  v.pipe(v.array(item), v.minLength(1), v.title(title));

const listenAddress = v.union([
  kind.listen,
  v.object({
    unix: required(kind.path, 'Path of the socket.'),
    mode: setting(kind.mode, '0600', 'Who may connect, as for chmod.'),
  }),
]);

const secret = v.union([
  kind.secret,
  v.object({
    env: optional(kind.variable, 'Environment variable that holds it.'),
    file: optional(kind.path, 'File that holds it; a trailing newline is cut.'),
  }),
]);

const files = (title: string) => v.union([kind.path, filled(kind.path, title)]);

const names = (why: string) => setting(list(kind.fieldName, 'a list of field names'), [], why);
const fields = <S extends v.GenericSchema>(value: S, why: string) =>
  setting(v.pipe(v.record(kind.fieldName, value), v.title('a map of field names and their values')), {}, why);

const headers = v.object({
  request: setting(
    v.object({
      set: fields(
        v.union([kind.fieldValue, secret.options[1]]),
        'Fields of every request to the upstream, in place of those the client sent; a value may be { env: NAME } or { file: PATH }.',
      ),
      remove: names('Fields that no request to the upstream has.'),
    }),
    {},
    'What the upstream gets.',
  ),
  response: setting(
    v.object({
      set: fields(kind.fieldValue, 'Fields of every response to the client, in place of those the upstream sent.'),
      remove: names('Fields that no response to the client has.'),
    }),
    {},
    'What the client gets.',
  ),
});

const rewrite = v.object({
  location: setting(
    kind.boolean,
    'true',
    'Whether Location, Content-Location and Refresh that name an upstream name this proxy instead.',
  ),
  cookies: setting(
    kind.boolean,
    'true',
    'Whether Set-Cookie is made fit for a client without TLS: Secure, Domain, Path, SameSite=None and name prefixes.',
  ),
});

const tls = v.object({
  versions: setting(
    v.union([kind.version, filled(kind.version, 'a list of TLS versions')]),
    ['TLSv1.3', 'TLSv1.2'],
    'The only versions ever offered. TLSv1.1 and TLSv1 are opted in to by naming them.',
  ),
  offer: setting(
    kind.word('range', 'exact'),
    'range',
    'range: all versions at once, then without the first of those left. exact: one at a time, in the order written.',
  ),
  ca: setting(
    files('a list of files'),
    'default',
    "Trust anchors: PEM files, and the words system, bundled (Node's own) and default (both of them).",
  ),
  truststore: optional(
    v.object({
      file: required(kind.path, 'PKCS#12, JKS or JCEKS file with the trust anchors.'),
      password: optional(secret, 'Opens the store.'),
    }),
    'Trust anchors as Java keeps them, instead of ca.',
  ),
  cert: optional(kind.path, 'Client certificate, PEM, with its chain.'),
  key: optional(kind.path, 'Private key of the client certificate, PEM.'),
  pfx: optional(kind.path, 'PKCS#12 file (.p12, .pfx) with certificate and key, instead of cert and key.'),
  keystore: optional(
    v.object({
      file: required(kind.path, 'PKCS#12, JKS or JCEKS file.'),
      password: optional(secret, 'Opens the store.'),
      alias: optional(kind.text, 'Which key; needed only where the store has several.'),
      keyPassword: optional(secret, "Opens the key; left out: the store's password."),
    }),
    'Certificate and key as Java keeps them, instead of cert and key.',
  ),
  passphrase: optional(secret, 'Opens key or pfx: { env: NAME }, { file: PATH } or a text.'),
  servername: optional(kind.host, "Name sent as SNI and verified; left out: the upstream's host."),
  verifyHostname: setting(
    kind.boolean,
    'true',
    "Whether the certificate must name the server's host; false needs pins.",
  ),
  pins: setting(list(kind.pin, 'a list of pins'), [], "The server's public keys, checked besides the chain."),
  crl: setting(v.union([kind.path, list(kind.path, 'a list of files')]), [], 'Certificate revocation lists, PEM.'),
  ciphers: optional(kind.text, "OpenSSL's cipher list; left out: Node's."),
  groups: optional(kind.text, "Key-exchange groups, separated by colons; left out: OpenSSL's."),
  legacyServerConnect: setting(
    kind.boolean,
    'false',
    'Whether servers without RFC 5746 (secure renegotiation) are accepted.',
  ),
  downgrade: setting(
    kind.word('warn', 'refuse'),
    'warn',
    'What it means when a server that was fallen back to says that it speaks better. Below TLS 1.2 it is always refused.',
  ),
  remember: setting(kind.duration, '1h', 'How long a lower offer that worked comes first; 0: never.'),
  resume: setting(kind.boolean, 'true', 'Whether TLS sessions are resumed.'),
});

const pool = v.object({
  keepAlive: setting(kind.boolean, 'true', 'Whether connections are used again; false: a handshake for every request.'),
  maxConnections: setting(kind.count, '256', 'Connections to the upstream at a time; more requests wait.'),
  idleTimeout: setting(kind.positiveDuration, '30s', 'How long an unused connection is kept.'),
});

const timeouts = v.object({
  connect: setting(kind.positiveDuration, '5s', 'TCP connection, with the tunnel of `via`.'),
  handshake: setting(kind.positiveDuration, '5s', 'One TLS handshake.'),
  ladder: setting(kind.positiveDuration, '15s', 'All offers together.'),
  response: setting(kind.positiveDuration, '60s', "From the request's last byte to the response's first."),
  idle: setting(kind.positiveDuration, '120s', 'A body or an upgraded connection without a byte.'),
});

const via = v.union([
  kind.via,
  v.object({
    url: required(kind.proxy, 'The proxy, with its port.'),
    username: optional(kind.text, 'For the Basic scheme.'),
    password: optional(secret, 'Its secret: { env: NAME }, { file: PATH } or a text.'),
  }),
]);

/** What a route may say and `defaults` may say for all routes. */
const shared = {
  stripPath: setting(kind.boolean, 'true', "Whether match.path is cut off before the upstream's path is put in front."),
  tls: setting(tls, {}, 'How the upstream is spoken to.'),
  pool: setting(pool, {}, 'The connections that are kept.'),
  replay: setting(
    kind.word('never', 'idempotent', 'always'),
    'idempotent',
    'Whether a request that got no response on a used connection is sent once more.',
  ),
  timeouts: setting(timeouts, {}, 'How long each step may take.'),
  limits: optional(
    v.object({ body: optional(kind.sizeOrNone, "The longest body of a request; left out: the process's.") }),
    'What the route takes on.',
  ),
  headers: setting(headers, {}, 'Fields set and removed.'),
  host: setting(kind.word('upstream', 'preserve'), 'upstream', "The Host field sent: the upstream's or the client's."),
  rewrite: setting(rewrite, {}, 'What is changed in responses so that they mean the same to the client.'),
  via: setting(via, 'none', 'The HTTP CONNECT proxy through which the upstream is reached; none: directly.'),
};

const match = v.object({
  path: optional(kind.prefix, 'Whole segments at the beginning of the path.'),
  host: optional(kind.host, 'Host name of the request, without a port.'),
  listen: optional(kind.listen, 'The listener, as `listen` names it.'),
});

const route = v.object({
  name: required(kind.routeName, 'Unique; logs and metrics carry it.'),
  match: required(match, 'Which requests are meant: any of path, host, listen.'),
  upstream: required(kind.upstream, 'Where they go: an https URL with an optional base path.'),
  ...shared,
});

/** What a route has that says nothing; `defaults` is of this shape. */
export const defaultsSchema = v.object(shared);

/** The whole configuration. Defaults are in the words of the file; {@link defaultsSchema} holds those of a route. */
export const configSchema = v.object({
  listen: required(
    v.union([...listenAddress.options, filled(listenAddress, 'a list of addresses')]),
    'Where the proxy listens: one address or a list.',
  ),
  exposed: setting(kind.boolean, 'false', 'Whether addresses other than loopback are allowed.'),
  guard: setting(
    v.object({
      hosts: setting(
        list(kind.host, 'a list of host names'),
        [],
        "Host names accepted besides the listeners' own, localhost and the routes' hosts.",
      ),
      origins: setting(
        list(kind.origin, 'a list of origins'),
        [],
        'Origins of web pages that may use the proxy, such as https://app.example; none by default.',
      ),
      token: optional(secret, 'If set, needed as Proxy-Authorization: Bearer TOKEN.'),
      users: optional(
        filled(kind.user, 'a list of uids and names of users'),
        'Linux: the users of this machine that may connect, and nobody else; left out: any.',
      ),
    }),
    {},
    'Who may use the listeners. Web pages of other origins and foreign Host names may not.',
  ),
  admin: optional(listenAddress, 'Where health, metrics and status are; left out: nowhere.'),
  log: setting(
    v.object({
      level: setting(
        kind.word('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
        'info',
        'The least important lines that are written.',
      ),
      format: setting(kind.word('auto', 'json', 'pretty'), 'auto', 'auto: pretty on a terminal, JSON lines otherwise.'),
    }),
    {},
    'The log, on stdout.',
  ),
  limits: setting(
    v.object({
      header: setting(kind.size, '16KiB', "A request's line and fields together."),
      body: setting(kind.sizeOrNone, 'none', "A request's body, of routes that do not say otherwise; none: any."),
      connections: setting(kind.count, '4096', 'Clients connected at a time.'),
      connectionsPerClient: setting(
        kind.countOrNone,
        'none',
        'Connections of one address at a time, of other machines; none: as many as there may be in all.',
      ),
    }),
    {},
    'What one process takes on.',
  ),
  drain: setting(kind.duration, '30s', 'How long a stop waits for running requests.'),
  workers: setting(kind.workers, '1', 'Processes that share the listeners; auto: one for each core.'),
  defaults: setting(defaultsSchema, {}, 'What a route may say, for all routes that do not.'),
  routes: required(filled(route, 'a list of routes'), 'Where requests go; the most specific match wins.'),
});
