import t from 'tap';
import { hasOwnVia, via } from '../../src/proxy/pseudonym.ts';

const pseudonym = (via[1] ?? '').replace('1.1 ', '');

t.test('the name is a token, and this process’s alone', async (t) => {
  t.match(pseudonym, /^mtls-proxy-[0-9a-f]{8}$/);
  t.strictSame(via, [`1.0 ${pseudonym}`, `1.1 ${pseudonym}`]);
});

t.test('it is found wherever it stands', async (t) => {
  t.ok(hasOwnVia(['A', 'b', 'VIA', via[1]]));
  t.ok(hasOwnVia(['Via', '1.1 a', 'via', `HTTP/1.1 b:80 (c, d), ${via[0]} (x), 2 e`]));
  t.notOk(hasOwnVia(['Via', '1.1 mtls-proxy', 'Via', '1.1 mtls-proxy-00000000x', 'X-Via', via[1], 'Vie', via[1]]));
  t.notOk(hasOwnVia([]));
});
