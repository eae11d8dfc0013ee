import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestRecord } from '../../test/fixtures/upstreams.ts';
import { bodyOf } from './bytes.ts';
import type { Arrival } from './ledger.ts';

/** A request that an upstream is to answer, and how. */
export interface Question {
  readonly id: string;
  /** Bytes of the answer's body. */
  readonly size: number;
  readonly framing: string;
  /** A number of the client's choice, for what has a place or a time. */
  readonly at: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: RequestRecord;
  readonly arrival: Arrival;
}

/** Reads the whole request. @returns false if it did not come whole */
export async function read({ request, record }: Question): Promise<boolean> {
  request.resume();
  await record.finished;
  return record.complete;
}

/** Gives the answer its id and framing. */
export function begin({ response, id, size, framing }: Question): void {
  response.setHeader('X-Id', id);
  if (framing === 'length') response.setHeader('Content-Length', size);
  if (framing === 'close') {
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
  }
}

/** Answers as wanted. @returns when the response is out or its connection is gone */
export async function answer(question: Question): Promise<void> {
  begin(question);
  question.arrival.answered = true;
  question.response.end(bodyOf(question.id, question.size));
  await question.record.over;
}

/** Writes to the connection itself, past Node's response. */
export function raw({ record }: Question, bytes: string | Buffer, done?: () => unknown): void {
  const { socket } = record.connection;
  if (socket.writable) socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () => done?.());
}

/** Writes and ends the connection then: by a reset, a bare FIN, or properly. */
export function cut(question: Question, bytes: string | Buffer): void {
  const { connection } = question.record;
  raw(question, bytes, () => {
    if (question.at % 3 === 0) connection.reset();
    else if (question.at % 3 === 1) connection.drop();
    else connection.socket.end();
  });
}
