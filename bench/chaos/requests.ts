import type { Chance } from '../../test/fixtures/chance.ts';
import { rightAnswers, wrongAnswers } from './answers.ts';
import { bodyOf, isBodyOf, poison } from './bytes.ts';
import type { Asked, Ledger, Standing } from './ledger.ts';
import type { Answer } from './reading.ts';
import type { RouteSpec } from './routes.ts';

/** A request as it is sent. */
export interface Order {
  readonly asked: Asked;
  /** Up to the empty line, and with it. */
  readonly head: string;
  /** In the order sent; with chunked framing each with its frame. */
  readonly pieces: readonly Buffer[];
}

/** What of an order is not left to the dice. */
export interface Wishes {
  readonly route: RouteSpec;
  /** For reports. */
  readonly kind: string;
  readonly method?: string;
  /** What the upstream is to do. */
  readonly wanted?: string;
  readonly standing?: Standing;
  readonly version?: '1.0' | '1.1';
  /** Fields besides Host and framing, each with its line end. */
  readonly fields?: string;
  /** The target is a URL. */
  readonly absolute?: boolean;
  /** Bytes of the body; default by the dice, for the methods that have one. */
  readonly size?: number;
  /** Further parts of the query. */
  readonly query?: string;
}

const methods = ['GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const bodied: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** Makes the request of an id, and notes it. */
export function order(ledger: Ledger, id: string, dice: Chance, wishes: Wishes): Order {
  const { route, kind, version = '1.1', fields = '', standing = 'due' } = wishes;
  const method = wishes.method ?? dice.pick(methods);
  const wanted = wishes.wanted ?? (dice.one(2) ? 'well' : dice.pick(dice.one(2) ? rightAnswers : wrongAnswers));
  const some = dice.pick([0, 1, 200, 5_000, 70_000, dice.one(8) ? 600_000 : 20_000]);
  const size = wishes.size ?? (bodied.has(method) ? some : 0);
  const asked = ledger.ask({ id, method, route: route.name, size, kind: `${kind}/${wanted}`, standing });
  const answer = dice.pick([0, 1, 40, 3_000, 50_000, dice.one(8) ? 700_000 : 9_000]);
  const framing = dice.pick(['length', 'chunked', 'length', 'chunked', 'close']);
  const query = `do=${wanted}&size=${answer}&framing=${framing}&at=${dice.pick(numbers)}${wishes.query ?? ''}`;
  const host = route.host ?? 'localhost';
  const path = `${route.host === undefined ? `/${route.name}` : ''}/${id}?${query}`;
  const target = wishes.absolute ? `http://${host}${path}` : path;
  const chunked = size > 0 && version === '1.1' && dice.one(2);
  const length = bodied.has(method) ? `Content-Length: ${size}\r\n` : '';
  const frame = chunked ? 'Transfer-Encoding: chunked\r\n' : length;
  return {
    asked,
    head: `${method} ${target} HTTP/${version}\r\nHost: ${host}\r\n${frame}${fields}\r\n`,
    pieces: piecesOf(bodyOf(id, size), chunked),
  };
}

/** All of a request in one piece. */
export function wholeOf({ head, pieces }: Order): Buffer {
  return Buffer.concat([Buffer.from(head, 'latin1'), ...pieces]);
}

/** Judges an answer by its request, and notes what was seen. */
export function see(ledger: Ledger, asked: Asked, answer: Answer): void {
  const { id, route, method } = asked;
  const { status, fields, body, whole } = answer;
  const isOwn = fields.get('proxy-status')?.startsWith('mtls-proxy; error=') === true;
  const cause = isOwn ? /"cause":"([a-z-]+)"/.exec(body.toString('latin1'))?.[1] : undefined;
  ledger.see(asked, { status, whole, bytes: body.length, cause });
  const wrong = (text: string): void => ledger.broken({ rule: 'answers are those of their requests', id, route, text });
  const beginning = JSON.stringify(body.toString('latin1').slice(0, 200));
  if (body.includes(poison)) wrong(`it has what nobody asked for: ${beginning}`);
  if (isOwn) {
    if (whole && method !== 'HEAD' && cause === undefined) wrong('its problem document has no cause');
  } else if (fields.get('x-id') !== id) {
    wrong(`${status} bears the id ${fields.get('x-id')}`);
  } else if (!isBodyOf(id, body)) {
    wrong(`its body is another: ${beginning}`);
  }
}

/** Places and moments that an upstream is given, in no particular unit. */
const numbers = Array.from({ length: 97 }, (_, n) => n);

function piecesOf(body: Buffer, chunked: boolean): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += 16_000) {
    const piece = body.subarray(at, at + 16_000);
    pieces.push(chunked ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, lineEnd]) : piece);
  }
  if (chunked) pieces.push(Buffer.from('0\r\n\r\n'));
  return pieces;
}

const lineEnd = Buffer.from('\r\n');
