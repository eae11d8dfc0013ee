import type { MessagePort } from 'node:worker_threads';

/** From so many bytes on it is worth it to give memory back. */
export const worthwhile = 4096;

interface Transferable extends ArrayBuffer {
  /** ECMAScript 2024; Node 22 and later have it. */
  transfer?(length: number): ArrayBuffer;
}

/** Without that, memory is handed to a port, and one piece costs nearly as much as several: so many bytes are gathered. */
const enough = 128 * 1024;

let spent: ArrayBuffer[] = [];
let spentBytes = 0;
let closed: MessagePort | undefined;

/**
 * Gives the memory of bytes back that have left: nobody may look at them any more. Each record that TLS reads is memory of its
 * own, which the collector would find only 16 MiB later; until then none of it is in the processor's cache.
 *
 * @param bytes those that share their memory with others, as a part of a larger piece does, stay as they are
 */
export function giveBack(bytes: Buffer): void {
  const memory = bytes.buffer as Transferable;
  if (bytes.length < worthwhile || bytes.length !== memory.byteLength) return;
  if (memory.transfer !== undefined) {
    memory.transfer(0);
    return;
  }
  if (spent.includes(memory)) return;
  spent.push(memory);
  spentBytes += memory.byteLength;
  if (spentBytes < enough) return;
  const all = spent;
  spent = [];
  spentBytes = 0;
  // What is handed over to a port takes its memory along; a closed one has nobody to give it to.
  closed ??= closedPort();
  closed.postMessage(0, all);
}

function closedPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}
