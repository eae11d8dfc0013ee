import t from 'tap';
import type { ViaSettings } from '../../src/config/config.ts';
import { dial } from '../../src/tls/dial.ts';
import { attempt } from '../../src/tls/handshake.ts';
import type { ViaProgress } from '../../src/tls/via-tunnel.ts';
import { type ConnectProxyOptions, startConnectProxy } from '../fixtures/connect-proxy.ts';
import { attemptSettings } from '../fixtures/dial.ts';
import { type Action, startFront } from '../fixtures/front.ts';
import { makePki } from '../fixtures/pki.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { startUpstream } from '../fixtures/upstreams.ts';

const pki = await makePki();
const { ca, server } = pki;
const trusting = { cert: server.chain, key: server.key, ca: ca.cert };
const never = new AbortController().signal;
const at12 = { versions: ['TLSv1.2'] } as const;
const at13 = { versions: ['TLSv1.3'] } as const;

async function through(t: Scope, options?: ConnectProxyOptions): Promise<{ readonly via: ViaSettings }> {
  const { port } = await startConnectProxy(t, options);
  return { via: { hostname: '127.0.0.1', port } };
}

/** Dials, and tells the first thing that comes of it. */
async function dialled(t: Scope, options: ConnectProxyOptions, credentials: Partial<ViaSettings> = {}) {
  const { via } = await through(t, options);
  return await new Promise<{ error?: NodeJS.ErrnoException | undefined; progress: ViaProgress | undefined }>(
    (resolve) => {
      const dialling = dial(
        { hostname: 'h', port: 1, via: { ...via, ...credentials } },
        () => resolve({ progress: dialling.progress }),
        (error) => resolve({ error, progress: dialling.progress }),
      );
      t.teardown(() => dialling.socket.destroy());
    },
  );
}

t.test('how far the proxy had come', async (t) => {
  const to = await startUpstream(t, trusting);
  t.same(await dialled(t, { to }), { progress: undefined }, 'an open tunnel is the upstream’s');
  t.match(await dialled(t, { decide: () => 'close' }), {
    error: undefined,
    progress: { proxy: /^127\.0\.0\.1:\d+$/, authenticated: false, connected: true },
  });
  t.match(await dialled(t, { decide: () => 'reset' }, { username: 'u' }), {
    error: { code: 'ECONNRESET', syscall: 'read' },
    progress: { authenticated: true, connected: true },
  });
  t.match(await dialled(t, { decide: () => ({ answer: 'HTTP/1.1 403 No\r\n\r\n' }) }), {
    error: { code: 'CONNECT_403' },
    progress: { connected: true, reply: { status: 403 } },
  });
  t.match(await dialled(t, { decide: () => ({ answer: 'HTTP/1.1 200 OK\r\n\r\nx' }) }), {
    error: { code: 'CONNECT_TRAILING' },
    progress: { connected: true, fault: 'trailing' },
  });
});

t.test('the proxy’s bytes are none of the upstream’s', async (t) => {
  const up = await startUpstream(t, trusting);
  const by = async (action: Action, options: typeof at12 | typeof at13) => {
    const front = await startFront(t, { to: up, decide: () => action });
    const via = await through(t, { decide: () => ({ tunnel: [...'HTTP/1.1 200 OK\r\nVia: 1.1 egress\r\n\r\n'] }) });
    const result = await attempt({ ...attemptSettings(pki, front.port, options), ...via }, never);
    if (!('failure' in result)) throw new Error('the attempt succeeded');
    await front.hellos.at(0).closed;
    return result.failure;
  };
  for (const options of [at12, at13]) {
    t.match(await by('reset', options), { stage: 'hello', error: { code: 'ECONNRESET', syscall: 'read' } });
    t.strictSame(await by('close', options), { stage: 'hello' });
    t.match(await by({ alert: 70 }, options), { stage: 'answered', error: { message: /alert number 70\b/ } });
    t.strictSame(await by({ passUntil: { serverBytes: 20 }, end: 'close' }, options), { stage: 'answered' });
  }
  t.match(await by({ passUntil: 'client-flight', end: 'reset' }, at12), { stage: 'certificate' });
});

t.test('the time limit for TCP holds for the tunnel, and an abort closes it', async (t) => {
  const egress = await startConnectProxy(t, { decide: () => 'silent' });
  const via = { hostname: '127.0.0.1', port: egress.port };
  const settings = { ...attemptSettings(pki, 1), via };
  const late = await attempt({ ...settings, timeouts: { connect: 50, handshake: 20_000 } }, never);
  t.match(late, { failure: { stage: 'tcp', timedOut: true, via: { proxy: egress.name } } });
  const reason = new Error('the client went away');
  const controller = new AbortController();
  const from = egress.requests.length;
  const ended = attempt(settings, controller.signal);
  await egress.requests.first(undefined, from);
  controller.abort(reason);
  await t.rejects(ended, reason);
});

t.test('a proxy on an IPv6 address', async (t) => {
  const dialling = dial(
    { hostname: 'h', port: 1, via: { hostname: '::1', port: 1 } },
    () => t.fail('a tunnel'),
    () => undefined,
  );
  t.equal(dialling.progress?.proxy, '[::1]:1');
  dialling.socket.destroy();
});

t.test('no socket is left', async (t) => {
  const open = (): number => process.getActiveResourcesInfo().filter((one) => /^TCP/.test(one)).length;
  const before = open();
  await t.test('many attempts', async (t) => {
    const up = await startUpstream(t, trusting);
    const egress = await startConnectProxy(t);
    const actions = ['tunnel', 'reset', 'close', { answer: 'HTTP/1.1 407 No\r\n\r\n' }, { answer: 'x' }] as const;
    egress.decide = ({ n }) => actions[n % actions.length] as (typeof actions)[number];
    const settings = { ...attemptSettings(pki, up.port), via: { hostname: '127.0.0.1', port: egress.port } };
    const results: string[] = [];
    for (let n = 0; n < 20; n += 1) {
      const result = await attempt(settings, never);
      results.push('connection' in result ? 'ok' : String(result.failure.error?.code));
      if ('connection' in result) result.connection.socket.destroy();
    }
    t.same(results.slice(0, 5), ['ok', 'ECONNRESET', 'undefined', 'CONNECT_407', 'CONNECT_NOT_HTTP']);
  });
  t.ok(open() <= before, `${open()} are open, ${before} were`);
});
