import type { IncomingMessage, ServerResponse } from 'node:http';
import t from 'tap';
import { answerAsLast, spendForward } from '../../src/proxy/max-forwards.ts';
import { Task } from '../../src/proxy/task.ts';

function answered(method: string, rawHeaders: string[]): [boolean, ...unknown[]] {
  const calls: unknown[] = [];
  const response = {
    writeHead: (status: number, fields: string[]) => calls.push(status, fields),
    end: (body?: Buffer) => calls.push(body?.toString('latin1')),
  };
  const request = { method, url: '/x?\xe9', httpVersion: '1.1', rawHeaders };
  const task = new Task(request as unknown as IncomingMessage, response as unknown as ServerResponse);
  return [answerAsLast(task), ...calls];
}

t.test('at zero OPTIONS ends here', async (t) => {
  t.strictSame(answered('OPTIONS', ['max-forwards', '0']), [true, 200, ['Content-Length', '0'], undefined]);
});

t.test('at zero TRACE shows what came, without credentials', async (t) => {
  const fields = [
    'Max-Forwards',
    '00',
    'X-A',
    '\xe9',
    'Cookie',
    'a=1',
    'Authorization',
    'x',
    'proxy-authorization',
    'y',
  ];
  const message = 'TRACE /x?\xe9 HTTP/1.1\r\nMax-Forwards: 00\r\nX-A: \xe9\r\n\r\n';
  t.strictSame(answered('TRACE', fields), [
    true,
    200,
    ['Content-Type', 'message/http', 'Content-Length', String(message.length)],
    message,
  ]);
});

t.test('everything else goes on', async (t) => {
  t.strictSame(answered('GET', ['Max-Forwards', '0']), [false]);
  t.strictSame(answered('OPTIONS', ['Max-Forwards', '1']), [false]);
  t.strictSame(answered('OPTIONS', ['Max-Forwards', '']), [false]);
  t.strictSame(answered('TRACE', ['X-Forwards-Max', '0', 'Max-Forwardz', '0']), [false]);
});

t.test('the number counts down', async (t) => {
  const after = (method: string, value: string) => {
    const fields = ['A', 'b', 'Max-Forwards', value];
    spendForward(method, fields);
    return fields[3];
  };
  t.equal(after('TRACE', '10'), '9');
  t.equal(after('OPTIONS', '1'), '0');
  t.equal(after('OPTIONS', '-1'), '-1');
  t.equal(after('GET', '10'), '10');
});
