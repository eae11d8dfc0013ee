import type { Socket } from 'node:net';

/**
 * Ends a client's connection by a reset: a FIN would say that what came is all. What has not left yet is lost.
 *
 * Behind an `end` whose FIN is still on its way, libuv refuses to reset (EINVAL), and Node 20 to 26 never close such a socket: then
 * it is reset when that is out.
 */
export function breakOff(socket: Socket): void {
  const isEnding = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (isEnding) socket.once('finish', () => socket.resetAndDestroy());
  else socket.resetAndDestroy();
}
