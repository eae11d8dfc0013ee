/** The decoded configuration: what the rest of the program takes. Units are milliseconds and bytes, paths are absolute. */

/** A TLS protocol version in Node's spelling. */
export type Version = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export type ListenAddress =
  | { readonly host: string; readonly port: number }
  | { readonly unix: string; readonly mode: number }
  /** Sockets that systemd has opened, those of a name or, if it is empty, all; what they are shows only when they are listened on. */
  | { readonly systemd: string; readonly inherited?: InheritedSockets };

/** What systemd has handed over, and what of it may be listened on. */
export interface InheritedSockets {
  readonly descriptors: readonly number[];
  /** Why there are none. */
  readonly missing?: string;
  /** Addresses other than loopback are allowed. */
  readonly mayBeExposed: boolean;
  /** Unix sockets are allowed: nobody asks who connects. */
  readonly mayBeUnix: boolean;
}

/** A secret whose text is already read (from the environment, a file or the configuration). */
export type Secret = string;

export interface Match {
  /** Absolute path prefix of whole segments, without a trailing slash; `/` for everything. */
  readonly path?: string;
  /** Host name, lower case, without a port. */
  readonly host?: string;
  /** One of the `listen` addresses, in the spelling of `formatListen`. */
  readonly listen?: string;
}

export interface TlsSettings {
  /** In the order written; never empty, no duplicates. */
  readonly versions: readonly Version[];
  readonly offer: 'range' | 'exact';
  /** PEM files, and the words `system`, `bundled` (Node's roots) and `default` (both of them). Not heeded beside `truststore`. */
  readonly ca: readonly string[];
  /** Instead of `ca`. */
  readonly truststore?: StoreSettings;
  /** At most one of `cert` with `key`, `pfx` and `keystore`. */
  readonly cert?: string;
  readonly key?: string;
  /** A PKCS#12 file. */
  readonly pfx?: string;
  readonly keystore?: KeystoreSettings;
  /** Opens `key` or `pfx`. */
  readonly passphrase?: Secret;
  /** SNI and the name verified; undefined: the upstream's host. */
  readonly servername?: string;
  readonly verifyHostname: boolean;
  /** `sha256/BASE64` of the server's SubjectPublicKeyInfo. */
  readonly pins: readonly string[];
  readonly crl: readonly string[];
  readonly ciphers?: string;
  readonly groups?: string;
  readonly legacyServerConnect: boolean;
  /** What a downgrade sentinel after a fallback means (RFC 8446 section 4.1.3). */
  readonly downgrade: 'warn' | 'refuse';
  /** Milliseconds; 0 = never. */
  readonly remember: number;
  readonly resume: boolean;
}

/** A PKCS#12, JKS or JCEKS file. Its `file` is undefined only where that is reported already. */
export interface StoreSettings {
  readonly file?: string;
  readonly password?: Secret;
}

export interface KeystoreSettings extends StoreSettings {
  /** Which key, where there are several. */
  readonly alias?: string;
  /** Left out: the store's. */
  readonly keyPassword?: Secret;
}

export interface PoolSettings {
  readonly keepAlive: boolean;
  readonly maxConnections: number;
  /** Milliseconds. */
  readonly idleTimeout: number;
}

/** All in milliseconds. */
export interface Timeouts {
  readonly connect: number;
  readonly handshake: number;
  readonly ladder: number;
  readonly response: number;
  readonly idle: number;
}

export interface UpstreamAddress {
  /** Host name or address, without the brackets of an IPv6 literal. */
  readonly hostname: string;
  readonly port: number;
  /** What goes into the Host field: the default port 443 is left out. */
  readonly authority: string;
  /** Path that comes before the request's, without a trailing slash; may be empty. */
  readonly path: string;
}

/** What is done to the fields of a message, after all else that the proxy does to them. */
export interface FieldRules {
  /** Flat, `[name, value, …]`, as written; no name twice. */
  readonly set: readonly string[];
  /** Lower case; none of those set. */
  readonly remove: readonly string[];
}

/** An HTTP proxy that opens tunnels by CONNECT. */
export interface ViaSettings {
  /** Host name or address, without the brackets of an IPv6 literal. */
  readonly hostname: string;
  readonly port: number;
  /** For the Basic scheme (RFC 7617); undefined: the proxy asks for no credentials. */
  readonly username?: string;
  readonly password?: Secret;
}

export interface RouteSettings {
  readonly name: string;
  readonly match: Match;
  readonly stripPath: boolean;
  readonly upstream: UpstreamAddress;
  readonly tls: TlsSettings;
  readonly pool: PoolSettings;
  readonly replay: 'never' | 'idempotent' | 'always';
  readonly timeouts: Timeouts;
  readonly limits: {
    /** Bytes of a request's body; Infinity for any number. */ readonly body: number;
  };
  readonly headers: { readonly request: FieldRules; readonly response: FieldRules };
  readonly host: 'upstream' | 'preserve';
  readonly rewrite: { readonly location: boolean; readonly cookies: boolean };
  /** The proxy through which the upstream is reached; undefined: directly. */
  readonly via?: ViaSettings;
}

export interface Config {
  readonly listen: readonly ListenAddress[];
  readonly exposed: boolean;
  readonly guard: {
    /** Lower case. */
    readonly hosts: readonly string[];
    /** As browsers send them. */
    readonly origins: readonly string[];
    readonly token?: Secret;
    /** Uids; undefined: any. */
    readonly users?: readonly number[];
  };
  readonly admin?: ListenAddress;
  readonly log: {
    readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
    readonly format: 'auto' | 'json' | 'pretty';
  };
  readonly limits: {
    /** Bytes. */ readonly header: number;
    /** Bytes; Infinity for any number. What a route's own limit is unless it says otherwise. */ readonly body: number;
    readonly connections: number;
    /** Of one address that is not loopback; Infinity for any number. */ readonly connectionsPerClient: number;
  };
  /** Milliseconds. */
  readonly drain: number;
  /** Processes; `auto`: one for each core. */
  readonly workers: number | 'auto';
  readonly routes: readonly RouteSettings[];
}
