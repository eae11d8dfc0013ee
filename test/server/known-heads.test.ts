import type { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { HeadsOfClient, KnownHeads } from '../../src/server/known-heads.ts';
import { type PlainHead, readPlain } from '../../src/server/plain-request.ts';

const from = (remoteAddress: string | undefined): Socket => ({ remoteAddress }) as Socket;
const bytesOf = (path: string, rest = ''): Buffer =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nHost: x\r\n${rest}\r\n`, 'latin1');
const headOf = (path: string, rest?: string): PlainHead => readPlain(bytesOf(path, rest), 4096) as PlainHead;

t.test('a connection’s: four, of which that goes which was not found for longest', async (t) => {
  const heads = new KnownHeads();
  for (const path of ['/a', '/b', '/c', '/d']) {
    t.notOk(heads.isFull);
    heads.add(headOf(path));
  }
  t.ok(heads.isFull);
  t.ok(heads.request(bytesOf('/a'), from('1')));
  heads.add(headOf('/e'));
  const known = ['/a', '/b', '/c', '/d', '/e'].filter((path) => heads.request(bytesOf(path), from('1')) !== undefined);
  t.same(known, ['/a', '/c', '/d', '/e']);
  heads.clear();
  t.notOk(heads.request(bytesOf('/a'), from('1')));
});

t.test('a client’s: the four that were new last, of one address', async (t) => {
  const heads = new HeadsOfClient();
  const kept = ['/a', '/b', '/c', '/d', '/e'].map((path) => headOf(path));
  for (const head of kept) heads.add(head, from('1'));
  t.notOk(heads.request(bytesOf('/a'), from('1')));
  for (const head of kept.slice(1)) t.equal(heads.request(bytesOf(head.url), from('1'))?.recurs, head);
  t.notOk(heads.request(bytesOf('/e'), from('2')));
  t.notOk(heads.request(bytesOf('/e'), from(undefined)));
  heads.add(kept[0] as PlainHead, from(undefined));
  t.equal(heads.request(bytesOf('/a'), from(undefined))?.recurs, kept[0]);
  t.notOk(heads.request(bytesOf('/e'), from('1')));
  heads.clear();
  t.notOk(heads.request(bytesOf('/a'), from(undefined)));
});

t.test('a client’s: none that shows who asks', async (t) => {
  const heads = new HeadsOfClient();
  for (const name of ['Cookie', 'authorization', 'PROXY-AUTHORIZATION']) {
    const rest = `${name}: a\r\n`;
    const head = headOf('/', rest);
    t.ok(head.request(bytesOf('/', rest), from('1')));
    heads.add(head, from('1'));
    t.notOk(heads.request(bytesOf('/', rest), from('1')), name);
  }
});

t.test('a client’s go with who keeps them', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heads = new HeadsOfClient();
  const kept = headOf('/kept');
  heads.add(kept, from('1'));
  heads.add(headOf('/left'), from('1'));
  // What was referred to in a turn stays until its end.
  await new Promise(setImmediate);
  collect();
  t.notOk(heads.request(bytesOf('/left'), from('1')));
  t.equal(heads.request(bytesOf('/kept'), from('1'))?.recurs, kept);
});
