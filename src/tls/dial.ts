import { closeSync, openSync } from 'node:fs';
import * as net from 'node:net';
import { devNull } from 'node:os';
import type { ViaSettings } from '../config/config.ts';
import { sharedLookup } from './lookup.ts';
import { type ViaProgress, ViaTunnel } from './via-tunnel.ts';

/** Where a connection goes, and through which CONNECT proxy if not directly. */
export interface Destination {
  readonly hostname: string;
  readonly port: number;
  readonly via?: ViaSettings | undefined;
}

const lookup = sharedLookup();

/** A TCP connection that is being made. */
export interface Dialling {
  readonly socket: net.Socket;
  /** How far the CONNECT proxy has come; undefined without one, and once its tunnel is open. */
  readonly progress: ViaProgress | undefined;
}

/**
 * Begins to open the way to an upstream. Knows no time limit: who gives up destroys the socket.
 *
 * @param opened called once, when the upstream's bytes are the next ones on the socket
 * @param failed called for each error of the socket, before and after; with a proxy also, before, for its end
 *   (without an error) and for an answer that opens no tunnel
 */
export function dial(
  { hostname, port, via }: Destination,
  opened: () => void,
  failed: (error?: NodeJS.ErrnoException) => void,
): Dialling {
  const told = (error?: NodeJS.ErrnoException): void => failed(error && lackOf(error));
  if (via !== undefined) return new ViaTunnel(via, { hostname, port }, opened, told);
  const socket = net.connect({ host: hostname, port, noDelay: true, lookup });
  socket.on('error', told);
  socket.once('connect', opened);
  return { socket, progress: undefined };
}

/** A resolver that gets no descriptor says that there is no such name: the lack, if that is it, and the error otherwise. */
function lackOf(error: NodeJS.ErrnoException): NodeJS.ErrnoException {
  if (error.syscall !== 'getaddrinfo') return error;
  try {
    closeSync(openSync(devNull, 'r'));
    return error;
  } catch (lack) {
    const { code } = lack as NodeJS.ErrnoException;
    return code === 'EMFILE' || code === 'ENFILE' ? (lack as NodeJS.ErrnoException) : error;
  }
}
