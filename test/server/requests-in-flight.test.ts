import type { ServerResponse } from 'node:http';
import t from 'tap';
import { RequestsInFlight, type Running } from '../../src/server/requests-in-flight.ts';

const running: Running = { conclude: () => false };
const response = (name: string) => ({ name }) as unknown as ServerResponse;
const names = (requests: RequestsInFlight): string[] =>
  [...requests].map((one) => (one.response as unknown as { name: string }).name).sort();

t.test('requests come and go in any order', async (t) => {
  const requests = new RequestsInFlight();
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => requests.add(response(name), running));
  if (!a || !b || !c || !d) throw new Error('four were added');
  t.same(names(requests), ['a', 'b', 'c', 'd']);
  requests.remove(b);
  t.same(names(requests), ['a', 'c', 'd']);
  requests.remove(d);
  t.same(names(requests), ['a', 'c']);
  const e = requests.add(response('e'), running);
  requests.remove(a);
  t.same(names(requests), ['c', 'e']);
  t.equal(requests.size, 2);
  requests.remove(e);
  requests.remove(c);
  t.equal(requests.size, 0);
});

t.test('each keeps its place among the others', async (t) => {
  const requests = new RequestsInFlight();
  const all = Array.from({ length: 100 }, (_, index) => requests.add(response(`${index}`), running));
  for (let index = 0; index < 100; index += 3) requests.remove(all[index] as (typeof all)[number]);
  const left = all.filter((_, index) => index % 3 !== 0);
  t.equal(requests.size, left.length);
  t.same(new Set(requests), new Set(left));
  for (const one of left) requests.remove(one);
  t.same([...requests], []);
});
