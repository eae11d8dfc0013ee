import type { Socket } from 'node:net';

/** So many requests may wait on a connection behind the one that is served; then it is not read until they are half as many. */
const most = 64;

/** A client's connection, whose `resume` may be covered up. */
type Held = Socket & { resume: Socket['resume'] };

/**
 * Reads a connection only as fast as its requests are served: Node's parser makes objects of all that it reads, and a client
 * that pipelines more and more would fill the memory. What one read has brought is parsed whole all the same, some
 * thousand requests if they are short.
 *
 * @param waiting how many there are now
 */
export function limitWaiting(socket: Held, waiting: number): void {
  const isHeld = Object.hasOwn(socket, 'resume');
  if (waiting >= most) {
    if (!socket.isPaused()) socket.pause();
    // Whoever reads a request's body has Node resume the connection.
    if (!isHeld) socket.resume = () => socket;
  } else if (isHeld && waiting <= most / 2) {
    Reflect.deleteProperty(socket, 'resume');
    socket.resume();
  }
}
