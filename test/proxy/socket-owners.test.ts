import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { endianness, userInfo } from 'node:os';
import fc from 'fast-check';
import t from 'tap';
import { type Ends, keysOf, parseRow, SocketOwners } from '../../src/proxy/socket-owners.ts';
import { closing, type Scope } from '../fixtures/teardown.ts';
import { Wire } from '../fixtures/wire.ts';

const heading =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                      \n';

/** A row as the kernel prints it, before its padding. */
const row = (key: string, state: string, uid: number, inode: number, sl = 0): string =>
  `${String(sl).padStart(4)}: ${key} ${state} 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 ${inode} 1 0000000000000000 20 4 30 10 -1\n`;

const ends = { localAddress: '127.0.0.1', localPort: 8080, remoteAddress: '127.0.0.1', remotePort: 40_000 };
const [key = '', mappedKey = ''] = keysOf(ends);

interface Tables {
  readonly tcp?: string | readonly string[];
  readonly tcp6?: string;
  readonly uidMap?: string;
  readonly overflow?: string;
}

/** What is found in tables of our own; a list of them: one for each reading. */
function ownersIn({ tcp = '', tcp6, uidMap = '0 0 4294967295\n', overflow }: Tables) {
  const opened: string[] = [];
  const missing = () => Object.assign(new Error(), { code: 'ENOENT' });
  const owners = new SocketOwners({
    async *pieces(file) {
      const nth = opened.filter((each) => each === file).length;
      opened.push(file);
      const text = file === '/proc/net/tcp6' ? tcp6 : typeof tcp === 'string' ? tcp : tcp[nth];
      if (text === undefined) throw missing();
      // In pieces that end within rows.
      for (let at = 0; at < text.length; at += 100) yield text.slice(at, at + 100);
    },
    async text(file) {
      const text = file === '/proc/self/uid_map' ? uidMap : overflow;
      if (text === undefined) throw missing();
      return text;
    },
  });
  return { owners, opened };
}

const find = (tables: Tables, of: Ends = ends) => ownersIn(tables).owners.find(of);

t.test('the other end is found by the addresses of both, in the spelling of the kernel', async (t) => {
  const inOrder = (little: string, big: string) => (endianness() === 'LE' ? little : big);
  t.same(keysOf(ends), [
    inOrder('0100007F:9C40 0100007F:1F90', '7F000001:9C40 7F000001:1F90'),
    inOrder(
      '0000000000000000FFFF00000100007F:9C40 0000000000000000FFFF00000100007F:1F90',
      '00000000000000000000FFFF7F000001:9C40 00000000000000000000FFFF7F000001:1F90',
    ),
  ]);
  t.same(keysOf({ ...ends, localAddress: '::ffff:127.0.0.1', remoteAddress: '::ffff:7f00:1' }), [key, mappedKey]);
  const [six, ...others] = keysOf({ ...ends, localAddress: 'fe80::1%lo', remoteAddress: '2001:db8::1:0' });
  t.equal(
    six,
    inOrder(
      'B80D0120000000000000000000000100:9C40 000080FE000000000000000001000000:1F90',
      '20010DB8000000000000000000010000:9C40 FE800000000000000000000000000001:1F90',
    ),
  );
  t.same(others, []);
  t.same(keysOf({} as Ends), [], 'a connection that is closed has none');
});

t.test('the user of the row', async (t) => {
  const other = row(key.split(' ').reverse().join(' '), '01', 0, 5, 1);
  t.same(await find({ tcp: `${heading}${other}${row(key, '01', 1000, 77, 2)}` }), { uid: 1000 });
  t.same(
    await find({ tcp: heading, tcp6: `${heading}${row(mappedKey, '01', 1000, 77)}` }),
    { uid: 1000 },
    'as Java has it',
  );
  t.same(await find({ tcp: row(key, '05', 1000, 77, 12_345) }), { uid: 1000 }, 'it has sent its FIN and still reads');
  t.same(await find({ tcp: row(key, '01', 4_294_967_294, 77) }), { uid: 4_294_967_294 });
});

t.test('nobody is known', async (t) => {
  const closed = { unknown: 'its program has closed it' };
  t.same(await find({ tcp: row(key, '04', 0, 0) }), closed, 'an orphan, whose uid is 0');
  for (const state of ['02', '03', '06', '07', '0A', '0C'])
    t.same(await find({ tcp: row(key, state, 1000, 77) }), closed);
  const elsewhere = { unknown: 'it comes from another machine or container' };
  t.same(await find({ tcp: heading, tcp6: heading }), elsewhere);
  t.same(await find({ tcp: heading }), elsewhere, 'without IPv6 there is no table of it');
  t.same(await find({ tcp: row(key.replace('9C40', '9C41'), '01', 1000, 77) }), elsewhere);
  t.same(
    await find({ tcp: row(key.replace('1F90', '1F91'), '01', 1000, 77) }),
    elsewhere,
    'it is connected to another',
  );
  t.same(await find({ tcp: [] }), { unknown: '/proc/net/tcp cannot be read (ENOENT)' });
  t.same(await find({}, {} as Ends), { unknown: 'it is closed already' });
});

t.test('who stands for many is nobody', async (t) => {
  const tcp = row(key, '01', 65_534, 77);
  t.same(await find({ tcp }), { uid: 65_534 }, 'where every uid is known it is a user like others');
  for (const uidMap of ['0 100000 65536\n', '1000 1000 1\n', '']) {
    t.same(await find({ tcp, uidMap }), {
      unknown: '65534 stands for every user that this user namespace does not know',
    });
  }
  const other = { tcp: row(key, '01', 60_000, 77), uidMap: '0 1 10\n', overflow: '60000\n' };
  t.match(await find(other), { unknown: /^60000 stands for/ });
  t.same(await find({ ...other, tcp }), { uid: 65_534 });
});

t.test('a row that was missed is looked for again', async (t) => {
  const found = ownersIn({ tcp: [heading, row(key, '01', 1000, 77)], tcp6: heading });
  t.same(await found.owners.find(ends), { uid: 1000 });
  t.equal(found.opened.length, 4);
  const never = ownersIn({ tcp: [heading, heading, heading, row(key, '01', 1000, 77)], tcp6: heading });
  t.match(await never.owners.find(ends), { unknown: /another machine/ });
  t.equal(never.opened.length, 6, 'three times');
});

t.test('one reading serves all who ask before it begins, and none who ask later', async (t) => {
  const rows = Array.from({ length: 50 }, (_, n) => row(keysOf({ ...ends, remotePort: n })[0] as string, '01', n, 77));
  const table = rows.join('');
  const { owners, opened } = ownersIn({ tcp: [table, table, table], tcp6: '' });
  const first = owners.find({ ...ends, remotePort: 0 });
  const rest = rows.slice(1).map((_, n) => owners.find({ ...ends, remotePort: n + 1 }));
  t.same(await first, { uid: 0 });
  t.same(
    await Promise.all(rest),
    rows.slice(1).map((_, n) => ({ uid: n + 1 })),
  );
  t.equal(opened.filter((file) => file === '/proc/net/tcp').length, 2);
  t.same(await owners.find({ ...ends, remotePort: 7 }), { uid: 7 });
});

t.test('whatever is no row gives none, and each row what it says', async (t) => {
  const hex = fc.stringMatching(/^[\dA-F]{8}$/);
  const end = fc.tuple(fc.oneof(hex, fc.array(hex, { minLength: 4, maxLength: 4 })), fc.stringMatching(/^[\dA-F]{4}$/));
  const spelled = end.map(([address, port]) => `${[address].flat().join('')}:${port}`);
  const uid = fc.nat(2 ** 32 - 2);
  fc.assert(
    fc.property(
      spelled,
      spelled,
      fc.integer({ min: 1, max: 12 }),
      uid,
      fc.nat(),
      fc.nat(99_999),
      (own, peer, state, uid, inode, sl) => {
        const text = row(`${own} ${peer}`, state.toString(16).toUpperCase().padStart(2, '0'), uid, inode, sl);
        t.same(parseRow(text.trimEnd().padEnd(149)), { key: `${own} ${peer}`, state, uid, inode });
      },
    ),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(140), fc.nat(20), (noise, at, cut) => {
      const text = row(key, '01', 1000, 77);
      const broken = text.slice(0, at) + noise + text.slice(at + cut);
      const found = parseRow(broken);
      if (found !== undefined)
        t.match(found, { key: /^[\dA-F]+:[\dA-F]{4} [\dA-F]+:[\dA-F]{4}$/, uid: Number, inode: Number });
    }),
  );
  t.equal(parseRow(heading), undefined);
  t.equal(parseRow(''), undefined);
});

/** The two ends of a connection; the near one reads nothing. */
async function pair(t: Scope, listen: string, host: string): Promise<{ near: Socket; far: Wire }> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }).listen(0, listen);
  await once(server, 'listening');
  t.teardown(() => server.close());
  const far = connect({ host, port: (server.address() as { port: number }).port });
  const [[near]] = (await Promise.all([once(server, 'connection'), once(far, 'connect')])) as [[Socket], unknown];
  t.teardown(() => near.destroy());
  return { near, far: closing(t, new Wire(far)) };
}

const linux = process.platform === 'linux';
const own = linux ? { uid: userInfo().uid } : { unknown: '/proc/net/tcp cannot be read (ENOENT)' };

for (const [listen, host] of [
  ['127.0.0.1', '127.0.0.1'],
  ['127.0.0.1', '::ffff:127.0.0.1'],
  ['::', '127.0.0.1'],
  ['::', '::ffff:127.0.0.1'],
  ['::1', '::1'],
] as const) {
  t.test(`this machine's own table: a connection from ${host} to ${listen}`, async (t) => {
    const { near, far } = await pair(t, listen, host);
    const owners = new SocketOwners();
    t.same(await owners.find(near), own);
    far.end();
    t.same(await owners.find(near), own, 'half closed');
    await far.close();
    t.match(await owners.find(near), { unknown: String });
  });
}
