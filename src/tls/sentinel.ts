import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Version } from '../config/config.ts';
import { resetOf } from './reset.ts';

/** Last eight bytes of ServerHello.random in a server that could have done better (RFC 8446 section 4.1.3). */
const marks: readonly (readonly [Buffer, Version])[] = [
  [Buffer.from('DOWNGRD\u0001', 'latin1'), 'TLSv1.3'],
  [Buffer.from('DOWNGRD\u0000', 'latin1'), 'TLSv1.2'],
];

/**
 * What a ServerHello's random says of the server.
 *
 * @returns the version that the server says it speaks at least, above the one it was made to choose; undefined if it
 *   says nothing
 */
export function sentinelOf(random: Buffer): Version | undefined {
  return marks.find(([mark]) => random.subarray(-8).equals(mark))?.[1];
}

/** Bytes of a handshake message up to the end of ServerHello.random: type, length, version, random. */
const helloLength = 1 + 3 + 2 + 32;

/** Bytes of a TLS record's head: type, version, length. */
const recordHead = 5;

/**
 * Stands between a TCP socket and its TLS client and reads the ServerHello that passes through. Node shows it nowhere
 * else. Every byte goes through JavaScript here, so it is used for the one connection after a fallback, not for those
 * that carry the load.
 */
export class HelloTap extends Duplex {
  readonly #raw: Socket;
  /** What came of the first records, until the random is complete. */
  #seen: Buffer | undefined = Buffer.alloc(0);
  #random: Buffer | undefined;

  /** @param raw connected, and read by nobody else */
  constructor(raw: Socket) {
    // TLS writes its farewell even after the server's FIN; a stream that ends by itself would make that an error.
    super({ allowHalfOpen: true });
    this.#raw = raw;
    raw.on('data', (bytes: Buffer) => {
      this.#look(bytes);
      if (!this.push(bytes)) raw.pause();
    });
    raw.on('end', () => {
      const reset = resetOf(raw);
      if (reset === undefined) this.push(null);
      else this.destroy(reset);
    });
    raw.on('error', (error) => this.destroy(error));
    raw.on('close', () => this.destroy());
  }

  /** ServerHello.random; undefined as long as it has not come, or if what came is no ServerHello. */
  get random(): Buffer | undefined {
    return this.#random;
  }

  override _read(): void {
    this.#raw.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#raw.writable) this.#raw.write(chunk, done);
    else done();
  }

  override _final(done: () => void): void {
    if (this.#raw.writable) this.#raw.end(done);
    else done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#raw.destroy();
    done(error);
  }

  #look(bytes: Buffer): void {
    if (this.#seen === undefined) return;
    this.#seen = Buffer.concat([this.#seen, bytes]);
    const message = handshakeBytes(this.#seen);
    if (message === undefined) {
      this.#seen = undefined;
    } else if (message.length >= helloLength) {
      this.#random = message.subarray(helloLength - 32, helloLength);
      this.#seen = undefined;
    }
  }
}

/**
 * The handshake bytes of the records so far, as many as are needed, whose first message is a ServerHello; undefined if it
 * cannot be one. Records of other types may follow in the same read: where a session is resumed, and in TLS 1.3.
 */
function handshakeBytes(records: Buffer): Buffer | undefined {
  let message: Buffer = Buffer.alloc(0);
  for (let at = 0; message.length < helloLength && at + recordHead <= records.length; ) {
    if (records[at] !== 22) return undefined;
    const end = at + recordHead + records.readUInt16BE(at + 3);
    message = Buffer.concat([message, records.subarray(at + recordHead, end)]);
    at = end;
  }
  return message.length > 0 && message[0] !== 2 ? undefined : message;
}
