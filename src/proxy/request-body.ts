import type { FieldRules } from '../config/config.ts';
import { type Fallible, fence } from '../upstream/fence.ts';
import type { BodySource } from './client-message.ts';
import { unruled } from './field-rules.ts';
import { trailerFields } from './headers.ts';
import { giveBack } from './spent.ts';

/** The most of a request's body that is held so that it could be sent again, in bytes. */
const heldBody = 64 * 1024;

/** Where a body goes: the connection's socket. */
export interface BodyTarget {
  write(chunk: Buffer, written?: (error?: Error | null) => void): boolean;
  write(text: string, encoding: BufferEncoding): boolean;
  cork(): void;
  uncork(): void;
}

/** Who sends a body and wants to know how far it is. */
export interface BodyUser extends Fallible {
  /** A chunk came from the client; `bytes` of body. */
  bodyMoved(bytes: number): void;
  /** All of it has been written. */
  bodySent(): void;
}

/**
 * A request's body on its way to the upstream, chunk by chunk as it comes, in the framing it came in, with back-pressure.
 * The client is not read before the first {@link RequestBody.send}. The beginning can be held, to be sent once more.
 */
export class RequestBody implements Fallible {
  readonly #source: BodySource;
  readonly #framing: 'length' | 'chunked';
  readonly #user: BodyUser;
  readonly #rules: FieldRules | undefined;
  #target: BodyTarget | undefined;
  #listening = false;
  #taken = 0;
  /** What has been sent, as long as it could be sent again; undefined once it cannot. */
  #held: Buffer[] | undefined;

  /** @param rules of the fields; trailers heed them too */
  constructor(source: BodySource, framing: 'length' | 'chunked', user: BodyUser, rules?: FieldRules) {
    this.#source = source;
    this.#framing = framing;
    this.#user = user;
    this.#rules = rules;
  }

  /** Whether it stands still because the target takes no more. */
  get heldBack(): boolean {
    return this.#source.isPaused();
  }

  /** Whether it is being sent, and not all of it has been. */
  get underway(): boolean {
    return this.#target !== undefined;
  }

  /** Whether it can be sent from its beginning. */
  get whole(): boolean {
    return this.#taken === 0 || this.#held !== undefined;
  }

  /**
   * Sends it: what is held first, then what comes.
   *
   * @param hold whether to keep what is sent, up to 64 KiB, for another time
   */
  send(target: BodyTarget, hold: boolean): void {
    this.#target = target;
    for (const chunk of this.#held ?? []) this.#write(target, chunk, true);
    if (hold && this.#taken === 0) this.#held = [];
    if (!this.#listening) {
      this.#listening = true;
      this.#source.on('data', (chunk: Buffer) => fence(this, this.#taking, chunk));
      this.#source.on('end', () => fence(this, this.#ending, undefined));
    }
    // A listener alone makes nothing flow that was paused before.
    if (this.#source.readableEnded) this.#ending();
    else this.#source.resume();
  }

  /** The target takes more again. */
  drained(): void {
    if (this.#target !== undefined) this.#source.resume();
  }

  /** Holds the client back until it is sent somewhere else. */
  pause(): void {
    this.#target = undefined;
    this.#source.pause();
  }

  /** The rest is read and dropped: nobody wants it, and the client could not read its answer otherwise. */
  drop(): void {
    this.#target = undefined;
    this.#held = undefined;
    if (this.#listening) this.#source.resume();
  }

  failed(error: unknown): void {
    this.#user.failed(error);
  }

  #taking(chunk: Buffer): void {
    const target = this.#target;
    if (target === undefined) return;
    const pieces = [chunk];
    let bytes = chunk.length;
    if (this.#taken + bytes > heldBody) this.#held = undefined;
    this.#held?.push(chunk);
    // What can be sent once more is not made too long for that by what waits.
    const waits = this.#held === undefined ? this.#source : undefined;
    for (let piece = waits?.next?.(); piece !== undefined; piece = waits?.next?.()) {
      pieces.push(piece);
      bytes += piece.length;
    }
    this.#taken += bytes;
    this.#user.bodyMoved(bytes);
    // Whom it was told to may have given up by now.
    if (this.#target === undefined) return;
    if (!this.#writeAll(target, pieces, this.#held !== undefined)) this.#source.pause();
  }

  #ending(): void {
    const target = this.#target;
    if (target === undefined) return;
    if (this.#framing === 'chunked') {
      let end = '0\r\n';
      const trailers = this.#trailers();
      for (let i = 0; i < trailers.length; i += 2) end += `${trailers[i]}: ${trailers[i + 1]}\r\n`;
      target.write(`${end}\r\n`, 'latin1');
    }
    this.#target = undefined;
    this.#user.bodySent();
  }

  #trailers(): readonly string[] {
    const fields = trailerFields(this.#source.rawTrailers);
    return this.#rules === undefined ? fields : unruled(fields, this.#rules);
  }

  /** What waited goes together: each write costs the target and the kernel about the same again, whatever its length. */
  #writeAll(target: BodyTarget, pieces: readonly Buffer[], held: boolean): boolean {
    let more = true;
    if (pieces.length > 1) target.cork();
    for (const piece of pieces) more = this.#write(target, piece, held);
    if (pieces.length > 1) target.uncork();
    return more;
  }

  /** False if the target would rather not take more for now. */
  #write(target: BodyTarget, chunk: Buffer, held: boolean): boolean {
    const written = held ? undefined : (error?: Error | null) => void (error || giveBack(chunk));
    if (this.#framing === 'length') return target.write(chunk, written);
    target.cork();
    target.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    target.write(chunk, written);
    const more = target.write('\r\n', 'latin1');
    target.uncork();
    return more;
  }
}

/** How a request's body is framed, by its fields as they go to the upstream; undefined if it has none. */
export function framingOf(fields: readonly string[]): 'length' | 'chunked' | undefined {
  let framing: 'length' | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') return 'chunked';
    if (name.length === 14 && name.toLowerCase() === 'content-length' && fields[i + 1] !== '0') framing = 'length';
  }
  return framing;
}
