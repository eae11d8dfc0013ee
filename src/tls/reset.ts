import type { Socket } from 'node:net';

/**
 * Tells a reset from an end. Where a reset comes at once with the last bytes, Node 20 and 22 tell of an end only: libuv takes the
 * hang-up that it sees for one, and reads no further. But a connection that was reset has no peer any more, and one that
 * only the peer has ended has.
 *
 * @param raw a TCP socket, at its end and before it is destroyed
 * @param secure what goes over it, if that is what we would end
 * @returns the error that Node should have given; undefined for an end, and where we had ended our side before
 */
export function resetOf(raw: Socket, secure: Socket = raw): NodeJS.ErrnoException | undefined {
  if (secure.writableEnded || raw.destroyed || raw.remotePort !== undefined) return undefined;
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
}
