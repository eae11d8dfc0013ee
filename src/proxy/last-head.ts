import { isName } from './field-syntax.ts';
import type { ResponseHead } from './response-head.ts';
import type { CheckedHead } from './whole-response.ts';

/** A head of so many bytes at most is remembered. */
const longest = 2_048;

/** After so many heads in a row that were others, only one of as many is remembered: an upstream gives each response a name of its own. */
const enough = 32;

/**
 * The last head with which a route's upstream answered, and what it went on as. One that is the same, byte for byte, is the same
 * response: it is neither read nor written again. It holds no body, no cookie, and of a configuration only what the route's rules
 * have put into the head.
 *
 * Not for answers to HEAD and CONNECT, whose heads say something else.
 */
export class LastHead {
  #bytes: Buffer | undefined;
  #head: ResponseHead | undefined;
  #sent: CheckedHead | undefined;
  #others = 0;

  /** Bytes that it has; 0: none is remembered. */
  get length(): number {
    return this.#bytes?.length ?? 0;
  }

  /** What it says, if it stands here again. */
  recall(bytes: Buffer, at: number): ResponseHead | undefined {
    const last = this.#bytes;
    if (last === undefined) return undefined;
    const end = at + last.length;
    if (bytes.length < end || bytes.compare(last, 0, last.length, at, end) !== 0) return undefined;
    this.#others = 0;
    return this.#head;
  }

  /** Another one has been read; the second in a row is remembered instead. @param bytes that have it from `at` to `end` */
  remember(bytes: Buffer, at: number, end: number, head: ResponseHead): void {
    if (end - at > longest || setsCookie(head)) return;
    if (this.#bytes !== undefined) {
      this.#others += 1;
      if (this.#others === 1 || (this.#others > enough && this.#others % enough !== 0)) return;
    }
    this.#bytes = Buffer.from(bytes.subarray(at, end));
    this.#head = head;
    this.#sent = undefined;
  }

  /** What a head went on as by a length, if it is this one. */
  sentAs(head: ResponseHead): CheckedHead | undefined {
    return head === this.#head ? this.#sent : undefined;
  }

  /** A head goes on so by a length, whatever request it answers. */
  sendAs(head: ResponseHead, sent: CheckedHead): void {
    if (head === this.#head) this.#sent = sent;
  }
}

/** A cookie is somebody's secret, and often another one each time. */
function setsCookie({ fields }: ResponseHead): boolean {
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (name.length === 10 && isName(name, 'set-cookie')) return true;
  }
  return false;
}
