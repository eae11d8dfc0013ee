// Written by `npm run schema` from the schema, which is the reason for its length; a test holds it to that.

/** What the configuration's file says, as a program writes it: durations as `'5s'`, sizes as `'64KiB'`, paths relative to `cwd`. */
export interface Configuration {
  /** Where the proxy listens: one address or a list. */
  readonly listen:
    | string
    | {
        /** Path of the socket. */
        readonly unix: string;
        /** Who may connect, as for chmod. Default: `600`. */
        readonly mode?: string | number;
      }
    | readonly (
        | string
        | {
            /** Path of the socket. */
            readonly unix: string;
            /** Who may connect, as for chmod. Default: `600`. */
            readonly mode?: string | number;
          }
      )[];
  /** Whether addresses other than loopback are allowed. Default: `false`. */
  readonly exposed?: boolean;
  /** Who may use the listeners. Web pages of other origins and foreign Host names may not. Default: `{}`. */
  readonly guard?: {
    /** Host names accepted besides the listeners' own, localhost and the routes' hosts. Default: `[]`. */
    readonly hosts?: readonly string[];
    /** Origins of web pages that may use the proxy, such as https://app.example; none by default. Default: `[]`. */
    readonly origins?: readonly string[];
    /** If set, needed as Proxy-Authorization: Bearer TOKEN. */
    readonly token?:
      | string
      | {
          /** Environment variable that holds it. */
          readonly env?: string;
          /** File that holds it; a trailing newline is cut. */
          readonly file?: string;
        };
    /** Linux: the users of this machine that may connect, and nobody else; left out: any. */
    readonly users?: readonly (number | string)[];
  };
  /** Where health, metrics and status are; left out: nowhere. */
  readonly admin?:
    | string
    | {
        /** Path of the socket. */
        readonly unix: string;
        /** Who may connect, as for chmod. Default: `600`. */
        readonly mode?: string | number;
      };
  /** The log, on stdout. Default: `{}`. */
  readonly log?: {
    /** The least important lines that are written. Default: `"info"`. */
    readonly level?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
    /** auto: pretty on a terminal, JSON lines otherwise. Default: `"auto"`. */
    readonly format?: 'auto' | 'json' | 'pretty';
  };
  /** What one process takes on. Default: `{}`. */
  readonly limits?: {
    /** A request's line and fields together. Default: `"16KiB"`. */
    readonly header?: number | string;
    /** A request's body, of routes that do not say otherwise; none: any. Default: `"none"`. */
    readonly body?: 'none' | number | string;
    /** Clients connected at a time. Default: `4096`. */
    readonly connections?: number;
    /** Connections of one address at a time, of other machines; none: as many as there may be in all. Default: `"none"`. */
    readonly connectionsPerClient?: 'none' | number;
  };
  /** How long a stop waits for running requests. Default: `"30s"`. */
  readonly drain?: 0 | string;
  /** Processes that share the listeners; auto: one for each core. Default: `1`. */
  readonly workers?: 'auto' | number;
  /** What a route may say, for all routes that do not. Default: `{}`. */
  readonly defaults?: RouteOptions;
  /** Where requests go; the most specific match wins. */
  readonly routes: readonly Route[];
}

/** Where requests go. */
export interface Route extends RouteOptions {
  /** Unique; logs and metrics carry it. */
  readonly name: string | number;
  /** Which requests are meant: any of path, host, listen. */
  readonly match: {
    /** Whole segments at the beginning of the path. */
    readonly path?: string;
    /** Host name of the request, without a port. */
    readonly host?: string;
    /** The listener, as `listen` names it. */
    readonly listen?: string;
  };
  /** Where they go: an https URL with an optional base path. */
  readonly upstream: string;
}

/** What a route may say, and `defaults` for all routes. */
export interface RouteOptions {
  /** Whether match.path is cut off before the upstream's path is put in front. Default: `true`. */
  readonly stripPath?: boolean;
  /** How the upstream is spoken to. Default: `{}`. */
  readonly tls?: {
    /** The only versions ever offered. TLSv1.1 and TLSv1 are opted in to by naming them. Default: `["TLSv1.3","TLSv1.2"]`. */
    readonly versions?: string | readonly string[];
    /** range: all versions at once, then without the first of those left. exact: one at a time, in the order written. Default: `"range"`. */
    readonly offer?: 'range' | 'exact';
    /** Trust anchors: PEM files, and the words system, bundled (Node's own) and default (both of them). Default: `"default"`. */
    readonly ca?: string | readonly string[];
    /** Trust anchors as Java keeps them, instead of ca. */
    readonly truststore?: {
      /** PKCS#12, JKS or JCEKS file with the trust anchors. */
      readonly file: string;
      /** Opens the store. */
      readonly password?:
        | string
        | {
            /** Environment variable that holds it. */
            readonly env?: string;
            /** File that holds it; a trailing newline is cut. */
            readonly file?: string;
          };
    };
    /** Client certificate, PEM, with its chain. */
    readonly cert?: string;
    /** Private key of the client certificate, PEM. */
    readonly key?: string;
    /** PKCS#12 file (.p12, .pfx) with certificate and key, instead of cert and key. */
    readonly pfx?: string;
    /** Certificate and key as Java keeps them, instead of cert and key. */
    readonly keystore?: {
      /** PKCS#12, JKS or JCEKS file. */
      readonly file: string;
      /** Opens the store. */
      readonly password?:
        | string
        | {
            /** Environment variable that holds it. */
            readonly env?: string;
            /** File that holds it; a trailing newline is cut. */
            readonly file?: string;
          };
      /** Which key; needed only where the store has several. */
      readonly alias?: string;
      /** Opens the key; left out: the store's password. */
      readonly keyPassword?:
        | string
        | {
            /** Environment variable that holds it. */
            readonly env?: string;
            /** File that holds it; a trailing newline is cut. */
            readonly file?: string;
          };
    };
    /** Opens key or pfx: { env: NAME }, { file: PATH } or a text. */
    readonly passphrase?:
      | string
      | {
          /** Environment variable that holds it. */
          readonly env?: string;
          /** File that holds it; a trailing newline is cut. */
          readonly file?: string;
        };
    /** Name sent as SNI and verified; left out: the upstream's host. */
    readonly servername?: string;
    /** Whether the certificate must name the server's host; false needs pins. Default: `true`. */
    readonly verifyHostname?: boolean;
    /** The server's public keys, checked besides the chain. Default: `[]`. */
    readonly pins?: readonly string[];
    /** Certificate revocation lists, PEM. Default: `[]`. */
    readonly crl?: string | readonly string[];
    /** OpenSSL's cipher list; left out: Node's. */
    readonly ciphers?: string;
    /** Key-exchange groups, separated by colons; left out: OpenSSL's. */
    readonly groups?: string;
    /** Whether servers without RFC 5746 (secure renegotiation) are accepted. Default: `false`. */
    readonly legacyServerConnect?: boolean;
    /** What it means when a server that was fallen back to says that it speaks better. Below TLS 1.2 it is always refused. Default: `"warn"`. */
    readonly downgrade?: 'warn' | 'refuse';
    /** How long a lower offer that worked comes first; 0: never. Default: `"1h"`. */
    readonly remember?: 0 | string;
    /** Whether TLS sessions are resumed. Default: `true`. */
    readonly resume?: boolean;
  };
  /** The connections that are kept. Default: `{}`. */
  readonly pool?: {
    /** Whether connections are used again; false: a handshake for every request. Default: `true`. */
    readonly keepAlive?: boolean;
    /** Connections to the upstream at a time; more requests wait. Default: `256`. */
    readonly maxConnections?: number;
    /** How long an unused connection is kept. Default: `"30s"`. */
    readonly idleTimeout?: string;
  };
  /** Whether a request that got no response on a used connection is sent once more. Default: `"idempotent"`. */
  readonly replay?: 'never' | 'idempotent' | 'always';
  /** How long each step may take. Default: `{}`. */
  readonly timeouts?: {
    /** TCP connection, with the tunnel of `via`. Default: `"5s"`. */
    readonly connect?: string;
    /** One TLS handshake. Default: `"5s"`. */
    readonly handshake?: string;
    /** All offers together. Default: `"15s"`. */
    readonly ladder?: string;
    /** From the request's last byte to the response's first. Default: `"60s"`. */
    readonly response?: string;
    /** A body or an upgraded connection without a byte. Default: `"120s"`. */
    readonly idle?: string;
  };
  /** What the route takes on. */
  readonly limits?: {
    /** The longest body of a request; left out: the process's. */
    readonly body?: 'none' | number | string;
  };
  /** Fields set and removed. Default: `{}`. */
  readonly headers?: {
    /** What the upstream gets. Default: `{}`. */
    readonly request?: {
      /** Fields of every request to the upstream, in place of those the client sent; a value may be { env: NAME } or { file: PATH }. Default: `{}`. */
      readonly set?: {
        readonly [name: string]:
          | string
          | {
              /** Environment variable that holds it. */
              readonly env?: string;
              /** File that holds it; a trailing newline is cut. */
              readonly file?: string;
            };
      };
      /** Fields that no request to the upstream has. Default: `[]`. */
      readonly remove?: readonly string[];
    };
    /** What the client gets. Default: `{}`. */
    readonly response?: {
      /** Fields of every response to the client, in place of those the upstream sent. Default: `{}`. */
      readonly set?: { readonly [name: string]: string };
      /** Fields that no response to the client has. Default: `[]`. */
      readonly remove?: readonly string[];
    };
  };
  /** The Host field sent: the upstream's or the client's. Default: `"upstream"`. */
  readonly host?: 'upstream' | 'preserve';
  /** What is changed in responses so that they mean the same to the client. Default: `{}`. */
  readonly rewrite?: {
    /** Whether Location, Content-Location and Refresh that name an upstream name this proxy instead. Default: `true`. */
    readonly location?: boolean;
    /** Whether Set-Cookie is made fit for a client without TLS: Secure, Domain, Path, SameSite=None and name prefixes. Default: `true`. */
    readonly cookies?: boolean;
  };
  /** The HTTP CONNECT proxy through which the upstream is reached; none: directly. Default: `"none"`. */
  readonly via?:
    | 'none'
    | string
    | {
        /** The proxy, with its port. */
        readonly url: string;
        /** For the Basic scheme. */
        readonly username?: string;
        /** Its secret: { env: NAME }, { file: PATH } or a text. */
        readonly password?:
          | string
          | {
              /** Environment variable that holds it. */
              readonly env?: string;
              /** File that holds it; a trailing newline is cut. */
              readonly file?: string;
            };
      };
}
