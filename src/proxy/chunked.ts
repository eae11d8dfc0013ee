import { FieldSection, malformed, parseFields } from './field-section.ts';
import { isName, tchar, text } from './field-syntax.ts';

/** Where the reader is in `chunk-size [chunk-ext] CRLF chunk-data CRLF`, RFC 9112 section 7.1. */
const State = {
  size: 0,
  extensionName: 1,
  extensionValue: 2,
  quoted: 3,
  quotedPair: 4,
  quotedEnd: 5,
  sizeLf: 6,
  data: 7,
  dataCr: 8,
  dataLf: 9,
  trailers: 10,
} as const;

const LF = 10;
const CR = 13;
const QUOTE = 34;
const SEMICOLON = 59;
const EQUALS = 61;
const BACKSLASH = 92;

/** Bytes of extensions that one chunk may have: they mean nothing to anybody and must not be a way to send without end. */
const EXTENSION_LIMIT = 256;
/** Digits of a chunk size, leading zeros included. */
const SIZE_DIGITS = 16;

/**
 * Reads chunked bodies (RFC 9112 section 7.1), one after the other, cut anywhere. Stricter than the grammar in one
 * thing: the optional "bad" white space in extensions is refused, as llhttp does.
 */
export class ChunkedBody {
  /** Whether the body that `start` began has ended. */
  ended = false;
  /** The trailer fields of an ended body, flat. */
  trailers: readonly string[] = [];
  readonly #section: FieldSection;
  #state: number = State.size;
  #left = 0;
  #digits = 0;
  #element = 0;
  #extension = 0;

  /** @param limit bytes that the trailer section may have */
  constructor(limit: number) {
    this.#section = new FieldSection(limit);
  }

  /** A new body begins with the next byte. */
  start(): void {
    this.ended = false;
    this.#startChunk();
  }

  /**
   * Reads from `at` on and hands data to `sink` as views of `bytes`.
   * @returns the index behind what was read: `bytes.length`, or less when the body ended before
   * @throws ProxyError `bad-response`
   */
  read(bytes: Buffer, at: number, sink: { body(chunk: Buffer, last: boolean): void }): number {
    while (at < bytes.length) {
      if (this.#state === State.data) {
        const from = at;
        at = Math.min(bytes.length, from + this.#left);
        this.#left -= at - from;
        if (this.#left === 0) this.#state = State.dataCr;
        sink.body(bytes.subarray(from, at), false);
      } else if (this.#state === State.trailers) {
        const next = this.#section.take(bytes, at);
        if (next === -1) return bytes.length;
        this.trailers = parseTrailers(this.#section.finish());
        this.ended = true;
        return next;
      } else {
        this.#delimiter(bytes[at++] as number);
      }
    }
    return at;
  }

  #startChunk(): void {
    this.#state = State.size;
    this.#left = 0;
    this.#digits = 0;
    this.#extension = 0;
  }

  #delimiter(byte: number): void {
    switch (this.#state) {
      case State.size:
        this.#size(byte);
        break;
      case State.sizeLf:
        if (byte !== LF) throw malformed('a chunk size line has a CR without LF in it');
        this.#state = this.#left === 0 ? State.trailers : State.data;
        break;
      case State.dataCr:
        if (byte !== CR) throw malformed('a chunk is longer than its size says');
        this.#state = State.dataLf;
        break;
      case State.dataLf:
        if (byte !== LF) throw malformed('a chunk does not end in CRLF');
        this.#startChunk();
        break;
      default:
        if (++this.#extension > EXTENSION_LIMIT) throw malformed('the extensions of a chunk are too long');
        this.#extensions(byte);
    }
  }

  #size(byte: number): void {
    const digit = hexValue(byte);
    if (digit >= 0) {
      this.#left = this.#left * 16 + digit;
      if (++this.#digits > SIZE_DIGITS || this.#left > Number.MAX_SAFE_INTEGER)
        throw malformed('a chunk size is too long');
    } else if (this.#digits === 0 || !this.#elementEnd(byte)) {
      throw malformed('a chunk size is not a hexadecimal number');
    }
  }

  #extensions(byte: number): void {
    switch (this.#state) {
      case State.extensionName:
        if (tchar[byte] === 1) this.#element++;
        else if (byte === EQUALS && this.#element > 0) this.#enter(State.extensionValue);
        else if (this.#element === 0 || !this.#elementEnd(byte)) throw extensionFault();
        return;
      case State.extensionValue:
        if (tchar[byte] === 1) this.#element++;
        else if (byte === QUOTE && this.#element === 0) this.#state = State.quoted;
        else if (this.#element === 0 || !this.#elementEnd(byte)) throw extensionFault();
        return;
      case State.quoted:
        if (byte === QUOTE) this.#state = State.quotedEnd;
        else if (byte === BACKSLASH) this.#state = State.quotedPair;
        else if (text[byte] !== 1) throw extensionFault();
        return;
      case State.quotedPair:
        if (text[byte] !== 1) throw extensionFault();
        this.#state = State.quoted;
        return;
      default:
        if (!this.#elementEnd(byte)) throw extensionFault();
    }
  }

  /** Whether `byte` ends the size or an extension; enters what follows it. */
  #elementEnd(byte: number): boolean {
    if (byte === CR) this.#state = State.sizeLf;
    else if (byte === SEMICOLON) this.#enter(State.extensionName);
    else return false;
    return true;
  }

  #enter(state: number): void {
    this.#state = state;
    this.#element = 0;
  }
}

/** -1 if it is no hexadecimal digit. */
function hexValue(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 0x20;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** RFC 9110 section 6.5.1: what frames a message cannot come behind its body. */
function parseTrailers(section: string): readonly string[] {
  const trailers = parseFields(section, 0);
  for (let i = 0; i < trailers.length; i += 2) {
    const name = trailers[i] as string;
    if (isName(name, 'content-length') || isName(name, 'transfer-encoding')) {
      throw malformed(`it has ${name} in the trailer section`);
    }
  }
  return trailers;
}

function extensionFault(): Error {
  return malformed('a chunk extension is not well-formed');
}
