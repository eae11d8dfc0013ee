import type { Socket } from 'node:net';

/**
 * So many bytes of a turn go out by one write. A TLS record comes alone, with 16 KiB; sent alone, each would wake the client up.
 */
const most = 128 * 1024;

/** Hears when the kernel has all of a response. */
export type StreamSent = () => void;

/**
 * A response of a known length that goes out in parts, past what Node's ServerResponse does for each of them. Its members are those of
 * Node's. What comes within one turn of the event loop is gathered, as long as the kernel has taken all that was before it.
 */
export class PlainStream {
  headersSent = true;
  writableEnded = false;
  writableFinished = false;
  readonly #socket: Socket;
  readonly #sent: StreamSent;
  readonly #finishing: (() => void)[] = [];
  #gathers = false;

  /** @param head latin1, with the empty line behind it */
  constructor(socket: Socket, head: string, sent: StreamSent) {
    this.#socket = socket;
    this.#sent = sent;
    this.#gather();
    socket.write(head, 'latin1');
  }

  get destroyed(): boolean {
    return this.#socket.destroyed;
  }

  /**
   * @param written called when the kernel has it, or never will
   * @returns false if nothing more should be written before 'drain'
   */
  write(chunk: Buffer, written?: (error?: Error | null) => void): boolean {
    const socket = this.#socket;
    if (!this.#gathers && socket.writableLength > 0) return socket.write(chunk, written);
    this.#gather();
    socket.write(chunk, written);
    if (socket.writableLength < most) return true;
    this.#release();
    return socket.writableLength < socket.writableHighWaterMark;
  }

  end(chunk: Buffer | string = '', encoding: BufferEncoding = 'utf8'): void {
    this.writableEnded = true;
    this.#socket.write(chunk, encoding, (error) => {
      if (error) return;
      this.writableFinished = true;
      for (const listener of this.#finishing) listener();
      this.#sent();
    });
    this.#release();
  }

  /** What was written before is sent: a response that is cut shows how far it came. */
  destroy(error?: Error): void {
    this.#release();
    this.#socket.destroy(error);
  }

  once(event: 'finish' | 'drain', listener: () => void): void {
    if (event === 'drain') this.#socket.once('drain', listener);
    else this.#finishing.push(listener);
  }

  #gather(): void {
    if (this.#gathers) return;
    this.#gathers = true;
    this.#socket.cork();
    setImmediate(this.#release);
  }

  readonly #release = (): void => {
    if (!this.#gathers) return;
    this.#gathers = false;
    this.#socket.uncork();
  };
}
