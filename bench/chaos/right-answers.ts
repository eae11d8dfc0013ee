import { setTimeout as pause } from 'node:timers/promises';
import { bodyOf } from './bytes.ts';
import { answer, begin, type Question, raw, read } from './question.ts';

/** Answers as they should be. */
export const right = {
  /** Reads the request, then answers. */
  well: async (question: Question) => {
    if (await read(question)) answer(question);
  },
  /** The same in pieces. */
  slowly: async (question: Question) => {
    if (!(await read(question))) return;
    const { response, id, size } = question;
    begin(question);
    const body = bodyOf(id, size);
    for (let n = 0; n < 4; n += 1) {
      await pause(question.at % 30);
      response.write(body.subarray((n * size) >> 2, ((n + 1) * size) >> 2));
    }
    question.arrival.answered = true;
    response.end();
  },
  /** Announces itself by a few 1xx. */
  interim: async (question: Question) => {
    if (!(await read(question))) return;
    for (let n = 0; n <= question.at % 3; n += 1) raw(question, 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n');
    answer(question);
  },
  /** Has trailers behind the body. */
  trailers: async (question: Question) => {
    if (!(await read(question))) return;
    question.response.addTrailers({ 'X-Trailer': question.id });
    answer(question);
  },
  /** Answers before the request's body has ended, and reads it all the same. */
  early: (question: Question) => {
    question.request.resume();
    answer(question);
  },
  /** The same, and closes. */
  leaving: (question: Question) => {
    question.response.shouldKeepAlive = false;
    answer(question);
  },
  /** Answers, and closes. */
  last: async (question: Question) => {
    question.response.shouldKeepAlive = false;
    if (await read(question)) answer(question);
  },
  /** Says that it keeps the connection for one second. */
  hint: async (question: Question) => {
    question.response.setHeader('Keep-Alive', 'timeout=1');
    if (await read(question)) answer(question);
  },
} as const;
