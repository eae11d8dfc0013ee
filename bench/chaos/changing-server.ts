import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureVersion, TLSSocket } from 'node:tls';
import type { TlsServerOptions } from '../../test/fixtures/upstreams.ts';
import { type Identities, type ServerName, ticketKeys } from './identities.ts';
import type { ServerChange } from './phases.ts';

/** What a server was when a connection came to it. */
interface Bearing {
  readonly identity: ServerName;
  readonly max: SecureVersion;
}

/** A TLS server that changes its certificate, its newest version and whom it trusts; and sees what comes to it unduly. */
export class ChangingServer {
  readonly #identities: Identities;
  /** It speaks TLS 1.1, if it must. */
  readonly #legacy: boolean;
  readonly #broken: (rule: string, text: string) => void;
  readonly #bearings = new Map<number, Bearing>();
  #bearing: Bearing = { identity: 'good', max: 'TLSv1.3' };
  #tickets = ticketKeys();
  #server: Server | undefined;

  /**
   * @param versions that its route may offer
   * @param broken is told what must not be
   */
  constructor(identities: Identities, versions: readonly string[], broken: (rule: string, text: string) => void) {
    this.#identities = identities;
    this.#legacy = versions.includes('TLSv1.1');
    this.#broken = broken;
  }

  /** What it is in the beginning. */
  get first(): TlsServerOptions {
    const { pki } = this.#identities;
    return { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert, tls: { ticketKeys: this.#tickets } };
  }

  /** The newest version that it speaks now. */
  get max(): SecureVersion {
    return this.#bearing.max;
  }

  /** Takes the server in hand. */
  take(server: Server): void {
    this.#server = server;
    server.keepAliveTimeout = 60_000;
    server.maxHeadersCount = 0;
    server.on('connection', (socket: Socket) => this.#note(socket));
    server.on('secureConnection', (socket: TLSSocket) => this.#watch(socket));
    server.on('clientError', ({ code, message }: NodeJS.ErrnoException) => {
      // What ends in the midst of a request is the client's doing, or ours; what cannot be read is the proxy's.
      if (code?.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE') {
        this.#broken('the upstream is sent valid HTTP', `${code}: ${message}`);
      }
    });
  }

  /** Changes it for connections from now on; what is left out is as it should be. */
  change({ identity = 'good', max = 'TLSv1.3', trusts = true, forgets = false }: ServerChange = {}): void {
    if (forgets) this.#tickets = ticketKeys();
    // An upstream without TLS 1.1 has TLS 1.2 at least.
    this.#bearing = { identity, max: !this.#legacy && max === 'TLSv1.1' ? 'TLSv1.2' : max };
    const { pki, servers, stranger } = this.#identities;
    this.#server?.setSecureContext({
      cert: servers[identity].chain,
      key: servers[identity].key,
      ca: trusts ? pki.ca.cert : stranger.cert,
      ticketKeys: this.#tickets,
      minVersion: this.#legacy ? 'TLSv1.1' : 'TLSv1.2',
      maxVersion: this.#bearing.max,
      // TLS 1.1 needs a lower security level, as in the fixtures.
      ...(this.#legacy ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
    });
  }

  #note(socket: Socket): void {
    const port = socket.remotePort ?? 0;
    this.#bearings.set(port, this.#bearing);
    socket.once('close', () => this.#bearings.delete(port));
  }

  /** Whoever was shown a wrong certificate must not send a byte. */
  #watch(socket: TLSSocket): void {
    const { identity = 'good' } = this.#bearings.get(socket.remotePort ?? 0) ?? {};
    if (identity === 'good' || identity === 'renewed') return;
    if (socket.isSessionReused()) return; // no certificate was shown, and the session's own was right
    socket.once('close', () => {
      if (socket.bytesRead === 0) return;
      const text = `${socket.bytesRead} bytes came to a server whose certificate is ${identity}`;
      this.#broken('nothing is sent to an unverified server', text);
    });
  }
}
