import type { Version } from './config.ts';

/** Thrown by every parser of a scalar. The message is the reason where the expected form alone does not say it; it never repeats the text. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const bytes = { '': 1, B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** Node fires a timer of more milliseconds than this at once (`setTimeout`, signed 32 bits). */
const longestTimer = 2 ** 31 - 1;

/** `500ms`, `5s`, `2m`, `1h` or a bare `0`, in milliseconds. @throws {Mismatch} */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  const [, digits, unit] = /^(\d{1,15})(ms|s|m|h)$/.exec(text) ?? [];
  if (unit === undefined) throw new Mismatch(/^\d+$/.test(text) ? 'the unit is missing' : '');
  const value = Number(digits) * milliseconds[unit as keyof typeof milliseconds];
  if (value > longestTimer) throw new Mismatch('the longest is 596h');
  return value;
}

/** Like {@link parseDuration}, for limits that would forbid everything at zero. @throws {Mismatch} */
export function parsePositiveDuration(text: string): number {
  const value = parseDuration(text);
  if (value === 0) throw new Mismatch('0 would end everything at once');
  return value;
}

/** `64KiB`, `1MiB`, `1GiB` or a number of bytes, in bytes; at least 1. @throws {Mismatch} */
export function parseSize(text: string): number {
  const [, digits, unit] = /^(\d{1,15})(B|KiB|MiB|GiB|)$/.exec(text) ?? [];
  if (unit === undefined) throw new Mismatch(/^\d+ ?[kKmMgG][bB]?$/.test(text) ? 'the units are KiB, MiB and GiB' : '');
  const value = Number(digits) * bytes[unit as keyof typeof bytes];
  if (value === 0 || !Number.isSafeInteger(value)) throw new Mismatch('it is out of range');
  return value;
}

/** Like {@link parseSize}; `none` is no limit, `Infinity`. @throws {Mismatch} */
export function parseSizeOrNone(text: string): number {
  return text === 'none' ? Number.POSITIVE_INFINITY : parseSize(text);
}

/** YAML 1.2 core: `true` and `false`, nothing else. @throws {Mismatch} */
export function parseBoolean(text: string): boolean {
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  throw new Mismatch('');
}

/** A whole number from 1 on. @throws {Mismatch} */
export function parseCount(text: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (value === 0) throw new Mismatch('');
  return value;
}

/** Like {@link parseCount}; `auto` as it is. @throws {Mismatch} */
export function parseWorkers(text: string): number | 'auto' {
  return text === 'auto' ? text : parseCount(text);
}

/** Like {@link parseCount}; `none` is no limit, `Infinity`. @throws {Mismatch} */
export function parseCountOrNone(text: string): number {
  return text === 'none' ? Number.POSITIVE_INFINITY : parseCount(text);
}

const versions: readonly Version[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/**
 * A TLS version as Node (`TLSv1.2`), OpenSSL (`TLSv1_2`, `tls1_2`), Java (`TLSv1`) or a bare number (`1.0`) spell it.
 * @throws {Mismatch} also for SSLv3 and Java's SSLv2Hello: OpenSSL is built without them since 1.1.0.
 */
export function parseVersion(text: string): Version {
  if (/^ssl/i.test(text))
    throw new Mismatch('no current OpenSSL build has SSL 2 or 3; the oldest version left is TLSv1');
  const [all, minor = '0'] = /^(?:tls ?v?)?1(?:[._]([0-3]))?$/i.exec(text) ?? [];
  const version = versions[Number(minor)];
  if (all === undefined || version === undefined) throw new Mismatch('');
  return version;
}

/** An SPKI pin, `sha256/` and the base64 of 32 bytes (the form of RFC 7469 section 2.4 that curl took over). @throws {Mismatch} */
export function parsePin(text: string): string {
  const digest = text.replace(/^sha256\//, '');
  const raw = Buffer.from(digest, 'base64');
  if (digest === text || raw.length !== 32 || raw.toString('base64') !== digest) throw new Mismatch('');
  return text;
}

/** The name of a route: it becomes a label of metrics and a part of log lines. @throws {Mismatch} */
export function parseName(text: string): string {
  if (!/^[a-z0-9-]+$/.test(text)) throw new Mismatch('');
  return text;
}

/** The permissions of a Unix socket, octal as for chmod (`0660`, `660`, `0o660`). @throws {Mismatch} */
export function parseMode(text: string): number {
  const [, digits] = /^(?:0o?)?([0-7]{3})$/.exec(text) ?? [];
  if (digits === undefined) throw new Mismatch('');
  return Number.parseInt(digits, 8);
}

/** The name of an environment variable. @throws {Mismatch} */
export function parseVariable(text: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) throw new Mismatch('');
  return text;
}

/** Any text but none: a path, a list of ciphers, a passphrase. @throws {Mismatch} */
export function parseText(text: string): string {
  if (text === '') throw new Mismatch('');
  return text;
}

/** The name of an HTTP field, a token (RFC 9110 section 5.6.2), as written. @throws {Mismatch} */
export function parseFieldName(text: string): string {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)) throw new Mismatch('');
  return text;
}

/**
 * The value of an HTTP field: visible ASCII, spaces and tabs, or nothing (RFC 9110 section 5.5). Others could end the
 * field, or be read differently by each who reads them.
 * @throws {Mismatch}
 */
export function parseFieldValue(text: string): string {
  if (/[\r\n\0]/.test(text)) throw new Mismatch('a line break or NUL would begin another field');
  if (!/^[\t\x20-\x7e]*$/.test(text)) throw new Mismatch('other than ASCII characters must be encoded');
  return text.trim();
}

/** The highest uid: one more is chown(2)'s "no change". */
const highestUid = 2 ** 32 - 2;

/** A user by number, or by name as useradd(8) takes it (the name is not looked up). @throws {Mismatch} */
export function parseUser(text: string): number | string {
  if (/^\d{1,10}$/.test(text)) {
    const uid = Number(text);
    if (uid > highestUid) throw new Mismatch(`the highest uid is ${highestUid}`);
    return uid;
  }
  if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,255}\$?$/.test(text)) throw new Mismatch('');
  return text;
}
