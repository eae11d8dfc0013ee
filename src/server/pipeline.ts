import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { limitWaiting } from './hold-back.ts';

/** The responses that wait for their turn on a connection, in order. */
const queues = new WeakMap<Socket, ServerResponse[]>();

/** Has a pipelined request begin when the responses before its own are over; never, if the connection ends before. */
export function awaitTurn(response: ServerResponse, begin: () => void): void {
  const { socket } = response.req;
  const queue = queues.get(socket) ?? [];
  queues.set(socket, queue);
  queue.push(response);
  limitWaiting(socket, queue.length);
  response.once('socket', () => {
    queue.shift();
    limitWaiting(socket, queue.length);
    begin();
  });
}

/** The responses behind the one whose turn it is, in order. */
export function waitingOn(socket: Socket): readonly ServerResponse[] {
  return queues.get(socket) ?? [];
}
