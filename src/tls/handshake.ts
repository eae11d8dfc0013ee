import * as net from 'node:net';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { clock } from '../clock.ts';
import type { Timeouts } from '../config/config.ts';
import { type Destination, type Dialling, dial } from './dial.ts';
import type { AttemptFailure, Stage } from './failure.ts';
import { checkIdentity, type ServerIdentity } from './identity.ts';
import type { Offer } from './offers.ts';
import { type Negotiated, SecureConnection, settleTimeAfter } from './secure-connection.ts';

/** Everything that one handshake attempt needs. */
export interface AttemptSettings extends Destination {
  readonly offer: Offer;
  /** The offer's own context: its versions, groups and security level, and the route's credentials and trust. */
  readonly context: tls.SecureContext;
  readonly identity: ServerIdentity;
  /** A session to resume, of a connection that was verified with the same `identity`; undefined: a full handshake. */
  readonly session?: Buffer | undefined;
  /** Is given every session that the connection could be resumed by, once it is verified. */
  readonly onSession?: ((session: Buffer) => void) | undefined;
  readonly timeouts: Pick<Timeouts, 'connect' | 'handshake'>;
  /** Milliseconds for which a TLS 1.3 server that sends no ticket may still refuse us; left out: as short as a request can bear. */
  readonly patience?: number;
  /** Sees the attempt from close by; left out on connections that carry requests. */
  readonly witness?: Witness | undefined;
}

/** Watches one attempt. Apart from the ALPN it adds, the handshake is the one that would be made without it. */
export interface Witness {
  /** Protocols to offer by ALPN (RFC 7301); empty: no such extension. */
  readonly alpn: readonly string[];
  /** Given the connected TCP socket; gives what TLS is to use in its place. */
  tap(raw: net.Socket): Duplex;
  /** Given the TLS socket before its handshake begins. */
  watch(secure: tls.TLSSocket): void;
}

/** The end of an attempt: a verified connection, or what is known of its failure. `ms` is the time since its start. */
export type AttemptResult =
  | { readonly connection: SecureConnection; readonly ms: number }
  | { readonly failure: AttemptFailure; readonly ms: number };

/**
 * Makes one attempt in two steps, TCP (with the tunnel of a CONNECT proxy, if any) and then TLS, so that each has its own
 * time limit and the bytes on the wire can be counted. Never rejects, but for an abort: then everything is closed and the
 * signal's reason is thrown.
 */
export function attempt(settings: AttemptSettings, signal: AbortSignal): Promise<AttemptResult> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    new HandshakeAttempt(settings, signal, resolve, reject);
  });
}

class HandshakeAttempt {
  readonly #settings: AttemptSettings;
  readonly #signal: AbortSignal;
  readonly #resolve: (result: AttemptResult) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #dialling: Dialling;
  readonly #raw: net.Socket;
  readonly #started = clock();
  #tlsStarted = 0;
  /** Bytes that a CONNECT proxy answered with before TLS began. */
  #before = 0;
  #timer: NodeJS.Timeout;
  #secure: tls.TLSSocket | undefined;
  #stage: Stage = 'tcp';
  #over = false;

  constructor(
    settings: AttemptSettings,
    signal: AbortSignal,
    resolve: (result: AttemptResult) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#settings = settings;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    signal.addEventListener('abort', this.#abort, { once: true });
    this.#timer = setTimeout(this.#expire, settings.timeouts.connect);
    this.#dialling = dial(settings, this.#startTls, this.#fail);
    this.#raw = this.#dialling.socket;
  }

  readonly #startTls = (): void => {
    const { context, identity, session, onSession, timeouts, witness } = this.#settings;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#expire, timeouts.handshake);
    this.#stage = 'hello';
    this.#before = this.#raw.bytesRead;
    this.#tlsStarted = clock();
    const options: tls.ConnectionOptions = {
      socket: witness?.tap(this.#raw) ?? this.#raw,
      secureContext: context,
      // Said in so many words, because NODE_TLS_REJECT_UNAUTHORIZED would otherwise decide.
      rejectUnauthorized: true,
      // Our own check runs at 'secureConnect'.
      checkServerIdentity: () => undefined,
    };
    // RFC 6066 section 3: an address is no server name.
    if (net.isIP(identity.name) === 0) options.servername = identity.name;
    if (session !== undefined) options.session = session;
    if (witness !== undefined && witness.alpn.length > 0) options.ALPNProtocols = [...witness.alpn];
    const secure = tls.connect(options);
    this.#secure = secure;
    if (witness === undefined) readLeafOnce(secure, context);
    else witness.watch(secure);
    // From the start: up to TLS 1.2 the session comes within the handshake. Node holds it back until 'secureConnect'
    // has been heard, and by then a server that did not verify is destroyed.
    if (onSession !== undefined) {
      secure.on('session', (ticket: Buffer) => {
        if (!secure.destroyed) onSession(ticket);
      });
    }
    // Behind this a socket tells nothing of its handshake any more, and to ask it may end the process.
    secure.destroy = this.#destroySecure;
    secure.on('error', this.#fail);
    secure.once('end', this.#close);
    secure.once('close', this.#close);
    secure.once('secureConnect', this.#verify);
  };

  readonly #destroySecure = (error?: Error): tls.TLSSocket => {
    this.#stage = this.#reached();
    return destroy.call(this.#secure as tls.TLSSocket, error) as tls.TLSSocket;
  };

  readonly #verify = (): void => {
    const secure = this.#secure as tls.TLSSocket;
    this.#stage = 'verified';
    // Node knows no certificate on a resumed connection; the one that its session comes from passed this very check.
    const wrong = secure.isSessionReused() ? undefined : checkIdentity(secure, this.#settings.identity);
    if (wrong !== undefined) {
      this.#end({ stage: 'verified', untrusted: true, error: wrong });
      return;
    }
    this.#finish();
    secure.destroy = destroy;
    secure.removeListener('error', this.#fail);
    secure.removeListener('end', this.#close);
    secure.removeListener('close', this.#close);
    const handshakeTime = clock() - this.#tlsStarted;
    const settled = this.#settings.patience ?? settleTimeAfter(handshakeTime);
    const connection = new SecureConnection(secure, this.#raw, this.#settings.offer, read(secure), settled);
    connection.certificateEnd = Date.parse(secure.getPeerCertificate().valid_to);
    this.#raw.removeListener('error', this.#fail);
    // Errors of the TCP socket reach its TLS socket too; without a listener here they would be thrown as well.
    this.#raw.on('error', (error) => secure.destroy(error));
    this.#resolve({ connection, ms: this.#elapsed() });
  };

  readonly #fail = (error?: NodeJS.ErrnoException): void => {
    // OpenSSL only reports what the verification said; Node acts on it after the handshake and marks the socket.
    const untrusted = Boolean(this.#secure?.authorizationError);
    this.#end(untrusted ? { stage: 'verified', untrusted, error } : { stage: this.#reached(), error });
  };

  readonly #close = (): void => this.#end({ stage: this.#reached() });

  readonly #expire = (): void => this.#end({ stage: this.#reached(), timedOut: true });

  readonly #abort = (): void => {
    this.#finish();
    this.#destroy();
    this.#reject(this.#signal.reason);
  };

  #reached(): Stage {
    if (this.#stage !== 'hello') return this.#stage;
    // Our Finished is the end of the flight that carries our certificate (RFC 8446 section 4.4, RFC 5246 section 7.3).
    if (this.#secure?.destroyed === false && this.#secure.getFinished()) return 'certificate';
    return this.#raw.bytesRead > this.#before ? 'answered' : 'hello';
  }

  #end(failure: AttemptFailure): void {
    if (this.#over) return;
    this.#finish();
    this.#destroy();
    const via = this.#dialling.progress;
    this.#resolve({ failure: via === undefined ? failure : { ...failure, via }, ms: this.#elapsed() });
  }

  #finish(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#abort);
  }

  /** The error listeners stay: what still comes from a socket that is being destroyed has been judged already. */
  #destroy(): void {
    this.#secure?.destroy();
    this.#raw.destroy();
  }

  #elapsed(): number {
    return Math.round(clock() - this.#started);
  }
}

const { destroy } = tls.TLSSocket.prototype;

/** The certificate that a server showed last, by the context that its connection was made with. */
const shown = new WeakMap<tls.SecureContext, tls.PeerCertificate>();

/**
 * Has the server's certificate read once, and not those behind it. After a full handshake Node reads the whole chain for
 * `checkServerIdentity`, with the numbers of every key: a sixth of what the handshake costs here, and nobody looks at it.
 * Most servers show the same certificate each time, and reading that is some more of it.
 */
function readLeafOnce(socket: tls.TLSSocket, context: tls.SecureContext): void {
  let leaf: tls.PeerCertificate | undefined;
  const read = socket.getPeerCertificate;
  socket.getPeerCertificate = (() => {
    leaf ??= leafOf(socket, context) ?? read.call(socket, false);
    return leaf;
  }) as typeof read;
}

function leafOf(socket: tls.TLSSocket, context: tls.SecureContext): tls.PeerCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const known = shown.get(context);
  if (known?.raw.equals(certificate.raw)) return known;
  const leaf = certificate.toLegacyObject() as tls.PeerCertificate;
  shown.set(context, leaf);
  return leaf;
}

function read(socket: tls.TLSSocket): Negotiated {
  const key = socket.getEphemeralKeyInfo() as { type?: string; name?: string };
  return {
    protocol: socket.getProtocol() as string,
    cipher: socket.getCipher().standardName,
    group: key.name ?? key.type ?? '',
    resumed: socket.isSessionReused(),
  };
}
