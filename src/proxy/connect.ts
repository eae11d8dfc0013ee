import type { Socket } from 'node:net';
import { ProxyError } from '../errors.ts';
import { guard } from './guard.ts';
import type { HandOver } from './hand-over.ts';
import { hostOf, leadsTo, tellRoutes } from './router.ts';
import type { Site } from './site.ts';
import type { Task } from './task.ts';
import { announcesBody } from './upgrade.ts';

/** What was opened by a CONNECT: the client's connection once more, for requests to one host only. */
export interface Enclosure {
  /** `host:port` as the CONNECT named it. */
  readonly authority: string;
  /** The CONNECT itself, which is over when the connection is closed. */
  readonly task: Task;
}

const enclosure = Symbol('enclosure');

type Enclosed = Socket & { [enclosure]?: Enclosure };

/** The CONNECT that a client's connection is inside of; undefined on most. */
export function enclosureOf(socket: Socket): Enclosure | undefined {
  return (socket as Enclosed)[enclosure];
}

/**
 * Answers a CONNECT (RFC 9110 section 9.3.6) to a host that a route leads to: what follows inside is served as if it came by
 * the listener directly, except that it can name no other host. Nothing is connected: this is how some clients ask a proxy
 * for `ws://`, and some for everything.
 *
 * @throws ProxyError `guard` for any other host, and for a CONNECT inside of another; `bad-request` if it names no host,
 *   or announces a body
 */
export function connect(task: Task, { routes, guard: settings, listener }: Site): void {
  const { request } = task;
  const authority = request.url as string;
  const [, port = '0'] = /^(?:\[[^\]]+\]|[^:[\]]+):(\d{1,5})$/.exec(authority) ?? [];
  const host = hostOf(authority);
  if (host === '' || Number(port) < 1 || Number(port) > 65_535) {
    throw refusal(`CONNECT has to name host:port, not ${JSON.stringify(authority)}`, 'bad-request');
  }
  if (announcesBody(request)) {
    throw refusal('CONNECT has no body; leave out Content-Length and Transfer-Encoding', 'bad-request');
  }
  if (enclosureOf(request.socket) !== undefined)
    throw refusal(
      'a CONNECT inside of another one leads nowhere, and no key allows it; send it on a connection of its own',
    );
  // By any name of a host: which ones are let through is decided here.
  guard(request, { ...settings, hosts: undefined }, authority);
  if (!routes.some((route) => leadsTo(route, host, listener))) {
    throw refusal(
      `no route leads to ${host}, and the proxy connects to nothing else; it would need one in \`routes\`, where there are: ${tellRoutes(routes)}`,
    );
  }
  const handOver = task.handOver as HandOver;
  const { socket } = handOver;
  task.switched = 200;
  (socket as Enclosed)[enclosure] = { authority, task };
  const early = handOver.take();
  socket.write('HTTP/1.1 200 Connection Established\r\n\r\n', 'latin1');
  const before = { in: socket.bytesRead - early.length, out: socket.bytesWritten };
  task.work = {
    abandon() {
      task.closed = task.cause === undefined;
      task.bytesIn = socket.bytesRead - before.in;
      task.bytesOut = socket.bytesWritten - before.out;
    },
  };
  handOver.giveBack(early);
}

/**
 * Notes why an enclosed connection is closed whose bytes are no HTTP: if they are TLS, the client was given an `https` URL.
 *
 * @param packet what came instead of a request
 * @returns whether it is so
 */
export function isTlsInside(socket: Socket, packet: Buffer | undefined): boolean {
  const opened = enclosureOf(socket);
  if (opened === undefined || packet?.[0] !== handshakeRecord) return false;
  opened.task.cause = 'bad-request';
  opened.task.detail = `the client speaks TLS inside of CONNECT ${opened.authority}, but the proxy is to speak it for the client; give it a URL that begins with http:// or ws://`;
  return true;
}

/** The type of the TLS record that every ClientHello comes in (RFC 8446 section 5.1). */
const handshakeRecord = 0x16;

function refusal(text: string, cause: 'guard' | 'bad-request' = 'guard'): ProxyError {
  return new ProxyError(cause, text, { source: 'downstream' });
}
