import { damaged } from './fault.ts';

/** Reads the numbers and texts of Java's DataOutputStream, one after the other; never past the end. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Octets not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** A view of the next octets. */
  take(length: number): Buffer {
    if (length > this.left) throw damaged('it ends too early');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A number of that many octets, at most six, without sign. */
  number(octets: number): number {
    return this.take(octets).readUIntBE(0, octets);
  }

  /** Octets with their number before them, in four octets. */
  block(): Buffer {
    return this.take(this.number(4));
  }

  /** A text as writeUTF has it. */
  text(): string {
    return this.take(this.number(2)).toString('utf8');
  }
}
