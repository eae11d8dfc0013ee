import type { Cause } from './errors.ts';
import { lastKnown } from './last-known.ts';
import { quoted } from './quoted.ts';

/** The fields of the `request` log line, in the order in which they are written. */
export interface RequestLine {
  readonly route: string | undefined;
  readonly method: string | undefined;
  readonly path: string;
  /** 0 where nothing was answered. */
  readonly status: number;
  readonly ms: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly reused: boolean;
  readonly protocol: string | undefined;
  readonly cipher: string | undefined;
  readonly attempts: number;
  readonly replayed: boolean;
  readonly cause: Cause | undefined;
  readonly detail: string | undefined;
  readonly aborted: true | undefined;
  /** Beside `aborted`: it was not the client who left, but `drain` that was over. */
  readonly cut: true | undefined;
}

/**
 * The JSON of these fields, each with a comma before it. For the one line that is written so often that a general
 * serialiser's part of a request's cost is seen.
 */
export function requestFieldsOf(line: RequestLine): string {
  const { route, method, path, status, ms, bytesIn, bytesOut, reused, protocol, cipher, attempts, replayed } = line;
  const { cause, detail, aborted, cut } = line;
  let json = route === undefined ? '' : named.route(route);
  if (method !== undefined) json += named.method(method);
  json += `,"path":${quoted(path)},"status":${status},"ms":${ms},"bytesIn":${bytesIn},"bytesOut":${bytesOut},"reused":${reused}`;
  if (protocol !== undefined) json += named.protocol(protocol);
  if (cipher !== undefined) json += named.cipher(cipher);
  json += `,"attempts":${attempts},"replayed":${replayed}`;
  if (cause !== undefined) json += `,"cause":${quoted(cause)}`;
  if (detail !== undefined) json += `,"detail":${quoted(detail)}`;
  if (aborted !== undefined) json += `,"aborted":${aborted}`;
  return cut === undefined ? json : `${json},"cut":${cut}`;
}

/** Fields of which one line has mostly what the line before had. */
const named = {
  route: lastKnown((value) => `,"route":${quoted(value)}`),
  method: lastKnown((value) => `,"method":${quoted(value)}`),
  protocol: lastKnown((value) => `,"protocol":${quoted(value)}`),
  cipher: lastKnown((value) => `,"cipher":${quoted(value)}`),
};
