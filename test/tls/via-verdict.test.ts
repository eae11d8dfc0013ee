import t from 'tap';
import type { Cause } from '../../src/errors.ts';
import type { AttemptFailure } from '../../src/tls/failure.ts';
import { judge } from '../../src/tls/verdict.ts';
import type { ViaProgress } from '../../src/tls/via-tunnel.ts';
import { judgeVia } from '../../src/tls/via-verdict.ts';

const before: ViaProgress = { proxy: 'egress:3128', authenticated: false, connected: false };
const after: ViaProgress = { ...before, connected: true };
const failed = (code: string, more: object = {}) => Object.assign(new Error(), { code, ...more });

t.test('whatever it is, the ladder ends and the proxy is named', async (t) => {
  const causes: readonly (Cause | undefined)[] = ['refused', 'dns', 'timeout', 'unreachable', 'tls-policy', undefined];
  for (const via of [before, after]) {
    for (const known of causes) {
      const verdict = judgeVia(via, 'ECODE', known);
      t.match(verdict, { action: 'stop', outcome: 'via', code: 'ECODE', hint: /the CONNECT proxy egress:3128/ });
    }
  }
  t.match(judgeVia(before, 'EMFILE', 'overloaded'), { cause: 'overloaded', hint: /out of file descriptors/ });
});

t.test('a failure of the socket has the cause that it has anywhere', async (t) => {
  const cause = (failure: Partial<AttemptFailure>) => judge({ stage: 'tcp', via: before, ...failure }).cause;
  t.equal(cause({ error: failed('ECONNREFUSED') }), 'refused');
  t.equal(cause({ error: failed('EAI_AGAIN') }), 'dns');
  t.equal(cause({ error: failed('EHOSTUNREACH') }), 'unreachable');
  t.equal(cause({ error: failed('EWHATEVER') }), 'unreachable');
  t.equal(cause({ error: failed('ETIMEDOUT') }), 'timeout');
  t.equal(cause({ timedOut: true }), 'timeout');
  t.equal(cause({}), 'unreachable');
  const several = Object.assign(new AggregateError([failed('ECONNREFUSED'), failed('ENETUNREACH')]), { code: 'E' });
  t.equal(cause({ error: several }), 'unreachable');
  t.equal(
    cause({ via: after, error: failed('ECONNRESET', { syscall: 'read' }) }),
    'unreachable',
    'never the next offer',
  );
});

t.test('a time-out before and after the connection', async (t) => {
  const hint = (via: ViaProgress) => judge({ stage: 'tcp', via, timedOut: true }).hint;
  t.equal(hint(before), 'the CONNECT proxy egress:3128 did not answer within `timeouts.connect`');
  t.match(hint(after), /^the CONNECT proxy egress:3128 opened no tunnel within `timeouts.connect`/);
});

t.test('407', async (t) => {
  const hint = (authenticated: boolean, ...schemes: string[]) =>
    judgeVia({ ...after, authenticated, reply: { status: 407, schemes } }, 'CONNECT_407', undefined).hint;
  t.match(hint(false), /wants credentials \(407\); set `via.username`/);
  t.match(hint(false, 'BASIC'), /wants credentials \(407\); set `via.username`/);
  t.match(hint(true, 'Negotiate', 'basic'), /did not accept the credentials \(407\); check `via.username`/);
  t.match(hint(true, 'NTLM', 'Negotiate', 'NTLM'), /wants credentials by NTLM, Negotiate \(407\)/);
  t.match(hint(true, ...'abcdefgh'), / by a, b, c, d, e \(407\)/);
});

t.test('a name is told as it is', async (t) => {
  t.match(judgeVia({ ...after, proxy: '[::1]:3128' }, 'E', 'refused').hint, 'the CONNECT proxy [::1]:3128 refused');
});
