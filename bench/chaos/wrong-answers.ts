import { setTimeout as pause } from 'node:timers/promises';
import { bodyOf, poison } from './bytes.ts';
import { answer, begin, cut, type Question, raw, read } from './question.ts';

const notHttp = ['SSH-2.0-x\r\n', `\0\x01\x02${poison}`, '<html>\r\n\r\n', 'HTTP/2.0 200 OK\r\n\r\n', '\r\n\r\n\r\n'];

const ambiguousFields = [
  'Content-Length: 6\r\nTransfer-Encoding: chunked',
  'Content-Length: 6\r\nContent-Length: 7',
  'Content-Length: -6',
  'Content-Length: 6, 6',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding : chunked',
  'X-Folded: a\r\n b',
  'X-Bare: a\nContent-Length: 6',
  'No field at all',
];

const badChunks = ['zz\r\n', '-1\r\nx\r\n', 'fffffffffffffffff\r\n', `5;${'x'.repeat(300)}\r\n`, '\n'];

/** Answers, or their absence, that fail the request or the next one. */
export const wrong = {
  /** Ends the idle connection behind its answer, properly. */
  closing: async (question: Question) => {
    if (!(await read(question))) return;
    await answer(question);
    await pause(question.at % 20);
    question.record.connection.socket.end();
  },
  /** The same by a reset. */
  resetting: async (question: Question) => {
    if (!(await read(question))) return;
    await answer(question);
    await pause(question.at % 20);
    question.record.connection.reset();
  },
  /** Sends a response that nobody asked for in one piece with its answer. */
  unasked: async (question: Question) => {
    if (!(await read(question))) return;
    const { id, size, arrival, request } = question;
    arrival.answered = true;
    const own = `HTTP/1.1 200 OK\r\nX-Id: ${id}\r\nContent-Length: ${size}\r\n\r\n`;
    const body = request.method === 'HEAD' ? Buffer.alloc(0) : bodyOf(id, size);
    const further = `HTTP/1.1 200 OK\r\nX-Id: ${poison}\r\nContent-Length: 6\r\n\r\n${poison}`;
    raw(question, Buffer.concat([Buffer.from(own), body, Buffer.from(further)]));
  },
  /**
   * Says something a little later that nobody asked for. It is no response: when the next request is on its way already,
   * nobody could tell whose it is.
   */
  muttering: async (question: Question) => {
    if (!(await read(question))) return;
    await answer(question);
    await pause(question.at % 20);
    const { connection, nth } = question.record;
    // In the midst of another answer it would be part of that.
    if (connection.requests === nth + 1) raw(question, `${poison}\r\n\r\n`);
  },
  /** Has more body than its length says. */
  longer: async (question: Question) => {
    if (!(await read(question))) return;
    const { id, size, arrival } = question;
    arrival.answered = true;
    raw(question, `HTTP/1.1 200 OK\r\nX-Id: ${id}\r\nContent-Length: ${size}\r\n\r\n`);
    raw(question, Buffer.concat([bodyOf(id, size), Buffer.from(poison)]));
  },
  /** Takes the request and says nothing. */
  silent: (question: Question) => void question.request.resume(),
  /** Takes nothing of the body, and says nothing. */
  deaf: () => undefined,
  /** Falls silent in its answer. */
  stuck: async (question: Question) => {
    if (!(await read(question))) return;
    const { framing, size, id, response } = question;
    begin({ ...question, framing: framing === 'close' ? 'length' : framing, size: size + 9 });
    response.write(bodyOf(id, size >> 1));
  },
  /** Resets with the head of the request, and no more, in its hands. */
  'reset-early': ({ record }: Question) => record.connection.reset(),
  'drop-early': ({ record }: Question) => record.connection.drop(),
  /** Resets once it has the whole request. */
  reset: async (question: Question) => {
    if (await read(question)) question.record.connection.reset();
  },
  drop: async (question: Question) => {
    if (await read(question)) question.record.connection.drop();
  },
  /** Ends in the midst of its head. */
  'cut-head': async (question: Question) => {
    if (!(await read(question))) return;
    const head = `HTTP/1.1 200 OK\r\nX-Id: ${question.id}\r\nContent-Length: 5\r\n`;
    cut(question, head.slice(0, 1 + (question.at % (head.length - 1))));
  },
  /** Ends in the midst of its body. */
  cut: async (question: Question) => {
    if (!(await read(question))) return;
    const { id, size, framing, record } = question;
    const part = bodyOf(id, size >> 1);
    const bytes = (fields: string): Buffer =>
      Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nX-Id: ${id}\r\n${fields}\r\n`), part]);
    if (framing === 'chunked') {
      cut(question, bytes(`Transfer-Encoding: chunked\r\n\r\n${(size + 9).toString(16)}`));
    } else if (framing === 'length') {
      cut(question, bytes(`Content-Length: ${size + 9}\r\n`));
    } else {
      // Only a reset says that this is not all.
      raw(question, bytes('Connection: close\r\n'), () => record.connection.reset());
    }
  },
  /** Says what is no HTTP. */
  garbage: async (question: Question) => {
    if (await read(question)) raw(question, pick(notHttp, question));
  },
  /** Can be read in two ways, or in none. */
  ambiguous: async (question: Question) => {
    if (!(await read(question))) return;
    raw(question, `HTTP/1.1 200 OK\r\nX-Id: ${question.id}\r\n${pick(ambiguousFields, question)}\r\n\r\n${poison}`);
  },
  /** Its chunks are not what their sizes say. */
  'bad-chunks': async (question: Question) => {
    if (!(await read(question))) return;
    const head = `HTTP/1.1 200 OK\r\nX-Id: ${question.id}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    raw(question, head + pick([...badChunks, `2\r\n${question.id}\r\n`], question));
  },
  /** Announces itself for ever. */
  'interim-flood': async (question: Question) => {
    if (!(await read(question))) return;
    raw(question, `HTTP/1.1 102 Processing\r\nX-Id: ${question.id}\r\n\r\n`.repeat(40));
    answer(question);
  },
  /** Has a head without end. */
  'huge-head': async (question: Question) => {
    if (!(await read(question))) return;
    raw(question, `HTTP/1.1 200 OK\r\nX-Id: ${question.id}\r\nX-Long: ${'x'.repeat(80_000)}\r\n\r\n`);
  },
  /** Switches protocols unasked. */
  switch: async (question: Question) => {
    if (!(await read(question))) return;
    raw(question, `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n${poison}`);
  },
} as const;

function pick(choices: readonly string[], { at }: Question): string {
  return choices[at % choices.length] as string;
}
