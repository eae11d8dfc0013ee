import t from 'tap';
import { forThisProcess, inheritedSockets } from '../../src/config/inherited.ts';

t.test('all, or those of a name, in their order', async (t) => {
  const env = { LISTEN_PID: '7', LISTEN_FDS: '4', LISTEN_FDNAMES: 'web:watch:web' };
  const of = (name: string) => inheritedSockets(name, env);
  t.same(of(''), { descriptors: [3, 4, 5, 6] });
  t.same(of('web'), { descriptors: [3, 5] });
  t.same(of('watch'), { descriptors: [4] });
  t.same(of('unknown'), { descriptors: [6] }, 'as sd_listen_fds_with_names(3) calls one without a name');
  t.match(of('other'), { descriptors: [], missing: /there are: web, watch, unknown / });
  t.same(inheritedSockets('', { LISTEN_FDS: '1' }), { descriptors: [3] });
});

t.test('none', async (t) => {
  for (const LISTEN_FDS of ['0', '', '-1', 'x', '1e3', '99999']) {
    t.match(inheritedSockets('', { LISTEN_FDS, LISTEN_PID: '7' }), {
      descriptors: [],
      missing: /no socket was handed over/,
    });
  }
  t.match(inheritedSockets('', {}), { missing: /no socket was handed over/ });
  t.match(inheritedSockets('', { LISTEN_PID: '7' }), { missing: /names another process \(7\)/ });
});

t.test('sockets for another process are not ours', async (t) => {
  const env = { LISTEN_PID: '7', LISTEN_FDS: '1', HOME: '/' };
  t.same(forThisProcess(env, 7), env);
  t.same(forThisProcess(env, 77), { LISTEN_PID: '7', HOME: '/' });
  t.same(forThisProcess({ LISTEN_FDS: '1' }, 7), {}, 'nor those for nobody');
  t.same(forThisProcess({}, 7), {});
});
