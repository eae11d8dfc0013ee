import * as v from 'valibot';
import * as kind from './kinds.js';
/** A key that must be written. */
const required = (schema, why) => v.pipe(schema, v.description(why));
/** A key that may be left out and then has no value. */
const optional = (schema, why) => v.exactOptional(v.pipe(schema, v.description(why)));
/** A key that may be left out; the default is spelled as a user would write it. */
const setting = (schema, standard, why) => v.optional(v.pipe(schema, v.description(why)), standard);
const list = (item, title) => v.pipe(v.array(item), v.title(title));
const filled = (item, title) => v.pipe(v.array(item), v.minLength(1), v.title(title));
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
const files = (title) => v.union([kind.path, filled(kind.path, title)]);
const tls = v.object({
    versions: setting(v.union([kind.version, filled(kind.version, 'a list of TLS versions')]), ['TLSv1.3', 'TLSv1.2'], 'The only versions ever offered. TLSv1.1 and TLSv1 are opted in to by naming them.'),
    offer: setting(kind.word('range', 'exact'), 'range', 'range: all versions at once, then without the first of those left. exact: one at a time, in the order written.'),
    ca: setting(files('a list of files'), 'default', "Trust anchors: PEM files; system: the system's; default: Node's and the system's."),
    cert: optional(kind.path, 'Client certificate, PEM, with its chain.'),
    key: optional(kind.path, 'Private key of the client certificate, PEM.'),
    passphrase: optional(secret, 'Opens the private key: { env: NAME }, { file: PATH } or a text.'),
    servername: optional(kind.host, "Name sent as SNI and verified; left out: the upstream's host."),
    verifyHostname: setting(kind.boolean, 'true', "Whether the certificate must name the server's host; false needs pins."),
    pins: setting(list(kind.pin, 'a list of pins'), [], "The server's public keys, checked besides the chain."),
    crl: setting(v.union([kind.path, list(kind.path, 'a list of files')]), [], 'Certificate revocation lists, PEM.'),
    ciphers: optional(kind.text, "OpenSSL's cipher list; left out: Node's."),
    groups: optional(kind.text, "Key-exchange groups, separated by colons; left out: OpenSSL's."),
    legacyServerConnect: setting(kind.boolean, 'false', 'Whether servers without RFC 5746 (secure renegotiation) are accepted.'),
    downgrade: setting(kind.word('warn', 'refuse'), 'warn', 'What it means when a server that was fallen back to says that it speaks better. Below TLS 1.2 it is always refused.'),
    remember: setting(kind.duration, '1h', 'How long a lower offer that worked comes first; 0: never.'),
    resume: setting(kind.boolean, 'true', 'Whether TLS sessions are resumed.'),
});
const pool = v.object({
    keepAlive: setting(kind.boolean, 'true', 'Whether connections are used again; false: a handshake for every request.'),
    maxConnections: setting(kind.count, '256', 'Connections to the upstream at a time; more requests wait.'),
    idleTimeout: setting(kind.positiveDuration, '30s', 'How long an unused connection is kept.'),
});
const timeouts = v.object({
    connect: setting(kind.positiveDuration, '5s', 'TCP connection.'),
    handshake: setting(kind.positiveDuration, '5s', 'One TLS handshake.'),
    ladder: setting(kind.positiveDuration, '15s', 'All offers together.'),
    response: setting(kind.positiveDuration, '60s', "From the request's last byte to the response's first."),
    idle: setting(kind.positiveDuration, '120s', 'A body or an upgraded connection without a byte.'),
});
/** What a route may say and `defaults` may say for all routes. */
const shared = {
    stripPath: setting(kind.boolean, 'true', "Whether match.path is cut off before the upstream's path is put in front."),
    tls: setting(tls, {}, 'How the upstream is spoken to.'),
    pool: setting(pool, {}, 'The connections that are kept.'),
    replay: setting(kind.word('never', 'idempotent', 'always'), 'idempotent', 'Whether a request that got no response on a used connection is sent once more.'),
    timeouts: setting(timeouts, {}, 'How long each step may take.'),
    host: setting(kind.word('upstream', 'preserve'), 'upstream', "The Host field sent: the upstream's or the client's."),
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
    listen: required(v.union([...listenAddress.options, filled(listenAddress, 'a list of addresses')]), 'Where the proxy listens: one address or a list.'),
    exposed: setting(kind.boolean, 'false', 'Whether addresses other than loopback are allowed.'),
    admin: optional(listenAddress, 'Where health, metrics and status are; left out: nowhere.'),
    log: setting(v.object({
        level: setting(kind.word('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), 'info', 'The least important lines that are written.'),
        format: setting(kind.word('auto', 'json', 'pretty'), 'auto', 'auto: pretty on a terminal, JSON lines otherwise.'),
    }), {}, 'The log, on stdout.'),
    limits: setting(v.object({
        header: setting(kind.size, '16KiB', "A request's line and fields together."),
        connections: setting(kind.count, '4096', 'Clients connected at a time.'),
    }), {}, 'What one process takes on.'),
    drain: setting(kind.duration, '30s', 'How long a stop waits for running requests.'),
    defaults: setting(defaultsSchema, {}, 'What a route may say, for all routes that do not.'),
    routes: required(filled(route, 'a list of routes'), 'Where requests go; the most specific match wins.'),
});
//# sourceMappingURL=schema.js.map