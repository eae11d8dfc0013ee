import type { ServerResponse } from 'node:http';
import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { join, trusting } from '../../fixtures/pair.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const requests = 60;

t.test('an upstream that answers nobody before all have asked, behind one that answered at once', async (t) => {
  let asked: ServerResponse[] = [];
  const up = await startUpstream(t, {
    ...trusting,
    configure: (server) => {
      server.keepAliveTimeout = 60_000;
    },
    handler: (request, response) => {
      if (request.url === '/at-once') return response.end('ok');
      asked.push(response);
      if (asked.length < requests) return undefined;
      for (const one of asked) one.end('ok');
      asked = [];
      return undefined;
    },
  });
  const { url, logged } = await join(t, up);
  const all = (path: string) => Promise.all(Array.from({ length: requests }, () => send(`${url}${path}`)));
  const replies = await all('/together');
  t.equal(up.accepted, requests, 'as many connections as requests');
  for (let round = 0; round < 5; round += 1) {
    for (let again = 0; again < 5; again += 1) replies.push(...(await all('/at-once')));
    replies.push(...(await all('/together')));
  }
  t.equal(replies.length, 31 * requests);
  t.same(new Set(replies.map((reply) => reply.text())), new Set(['ok']));
  await logged(31 * requests - 1);
});
