import * as net from 'node:net';
import { formatListen } from '../config/addresses.ts';
import type { ViaSettings } from '../config/config.ts';
import { type ConnectReply, type ReplyFault, ReplyReader } from './connect-reply.ts';
import { sharedLookup } from './lookup.ts';

/** How far the CONNECT proxy had come when it failed. Holds no secret. */
export interface ViaProgress {
  /** `host:port` of the proxy. */
  readonly proxy: string;
  /** Whether it was given credentials. */
  readonly authenticated: boolean;
  /** Whether it took our TCP connection. */
  readonly connected: boolean;
  /** Its answer, if that was whole. */
  readonly reply?: ConnectReply;
  /** What was wrong with its answer. */
  readonly fault?: ReplyFault;
}

const lookup = sharedLookup();

/**
 * A TCP connection to a proxy, on its way to become one to the upstream. The upstream's name goes to the proxy as it is:
 * only there may it resolve.
 */
export class ViaTunnel {
  readonly socket: net.Socket;
  readonly #request: string;
  readonly #opened: () => void;
  readonly #failed: (error?: NodeJS.ErrnoException) => void;
  readonly #reader = new ReplyReader();
  #progress: ViaProgress | undefined;

  /**
   * @param opened called once, when every byte that follows is the tunnel's; nobody reads the socket then
   * @param failed called for an error of the socket, its end, and an answer that opens no tunnel; it may be called again
   *   while the socket is being destroyed
   */
  constructor(
    via: ViaSettings,
    upstream: { readonly hostname: string; readonly port: number },
    opened: () => void,
    failed: (error?: NodeJS.ErrnoException) => void,
  ) {
    this.#opened = opened;
    this.#failed = failed;
    this.#request = connectRequest(via, upstream);
    const authenticated = via.username !== undefined;
    this.#progress = { proxy: authorityOf(via), authenticated, connected: false };
    this.socket = net.connect({ host: via.hostname, port: via.port, noDelay: true, lookup });
    this.socket.on('error', failed);
    this.socket.once('connect', this.#ask);
  }

  /** Undefined once the tunnel is open: what happens from then on is the upstream's. */
  get progress(): ViaProgress | undefined {
    return this.#progress;
  }

  readonly #ask = (): void => {
    this.#note({ connected: true });
    this.socket.on('data', this.#read);
    this.socket.once('end', this.#end);
    this.socket.once('close', this.#end);
    this.socket.write(this.#request, 'latin1');
  };

  readonly #read = (bytes: Buffer): void => {
    const reply = this.#reader.add(bytes);
    if (reply === undefined) return;
    this.socket.removeListener('data', this.#read);
    // Without this the socket would go on reading, and what nobody listens to is lost.
    this.socket.pause();
    this.socket.removeListener('end', this.#end);
    this.socket.removeListener('close', this.#end);
    if (typeof reply === 'string') {
      this.#note({ fault: reply });
      this.#failed(coded(`CONNECT_${reply.toUpperCase().replace('-', '_')}`));
    } else if (reply.status >= 200 && reply.status < 300) {
      this.#progress = undefined;
      this.#opened();
    } else {
      this.#note({ reply });
      this.#failed(coded(`CONNECT_${reply.status}`));
    }
  };

  readonly #end = (): void => this.#failed();

  #note(news: Partial<ViaProgress>): void {
    this.#progress = { ...(this.#progress as ViaProgress), ...news };
  }
}

function coded(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error('the CONNECT proxy opened no tunnel'), { code });
}

/** `host:port`, an IPv6 address in brackets (RFC 9112 section 3.2.3). */
function authorityOf({ hostname, port }: { readonly hostname: string; readonly port: number }): string {
  return formatListen({ host: hostname, port });
}

function connectRequest(via: ViaSettings, upstream: { readonly hostname: string; readonly port: number }): string {
  const authority = authorityOf(upstream);
  const { username, password = '' } = via;
  // RFC 7617 section 2; in UTF-8, which is what proxies that know other than ASCII take.
  const token = Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
  const credentials = username === undefined ? '' : `Proxy-Authorization: Basic ${token}\r\n`;
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`;
}
