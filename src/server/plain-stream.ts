import type { Socket } from 'node:net';

/**
 * So many bytes of a turn go out by one write. A TLS record comes alone, with 16 KiB; sent alone, each would wake the client up.
 */
const most = 128 * 1024;

/** A piece of so many bytes at most is joined to the text around it: a copy costs less than a piece more. */
const shortPiece = 1024;

/**
 * A response that goes out in parts, past what Node's ServerResponse does for each of them. Its members are those of Node's. What
 * comes within one turn of the event loop is gathered, as long as the kernel has taken all that was before it.
 */
export class PlainStream {
  headersSent = true;
  writableEnded = false;
  writableFinished = false;
  readonly #socket: Socket;
  readonly #chunked: boolean;
  readonly #sent: () => void;
  #gathers = false;
  /** What goes out before anything else: latin1. */
  #text: string;
  #trailers = '';

  /**
   * @param head latin1, with the empty line behind it
   * @param chunked whether the body is to be framed in chunks (RFC 9112 section 7.1); otherwise the head tells its length
   * @param sent called when the kernel has all of it
   */
  constructor(socket: Socket, head: string, chunked: boolean, sent: () => void) {
    this.#socket = socket;
    this.#text = head;
    this.#chunked = chunked;
    this.#sent = sent;
    this.#gather();
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
    if (socket.writableLength === 0) this.#gather();
    const framed = this.#chunked && chunk.length > 0;
    if (framed) this.#text += `${chunk.length.toString(16)}\r\n`;
    if (written === undefined && chunk.length <= shortPiece) {
      this.#text += chunk.toString('latin1');
    } else {
      this.#writeText();
      socket.write(chunk, written);
    }
    if (framed) this.#text += '\r\n';
    if (this.#gathers && socket.writableLength + this.#text.length < most) return true;
    this.#writeText();
    this.release();
    return socket.writableLength < socket.writableHighWaterMark;
  }

  addTrailers(trailers: readonly (readonly [string, string])[]): void {
    for (const [name, value] of trailers) this.#trailers += `${name}: ${value}\r\n`;
  }

  end(chunk: Buffer | string = '', encoding: BufferEncoding = 'utf8'): void {
    this.writableEnded = true;
    if (chunk.length > 0) this.write(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
    if (this.#chunked) this.#text += `0\r\n${this.#trailers}\r\n`;
    this.#socket.write(this.#text, 'latin1', (error) => {
      if (error) return;
      this.writableFinished = true;
      this.#sent();
    });
    this.#text = '';
    this.release();
  }

  /** Sends what has been gathered. */
  readonly release = (): void => {
    if (!this.#gathers) return;
    this.#gathers = false;
    this.#writeText();
    this.#socket.uncork();
  };

  /** What was written before is sent: a response that is cut shows how far it came. */
  destroy(error?: Error): void {
    this.release();
    this.#socket.destroy(error);
  }

  once(event: 'drain', listener: () => void): void {
    this.#socket.once(event, listener);
  }

  #gather(): void {
    if (this.#gathers) return;
    this.#gathers = true;
    this.#socket.cork();
    setImmediate(this.release);
  }

  #writeText(): void {
    if (this.#text === '') return;
    this.#socket.write(this.#text, 'latin1');
    this.#text = '';
  }
}
