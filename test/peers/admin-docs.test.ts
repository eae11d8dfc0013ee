import t from 'tap';
import { commandsIn, readDocument } from '../fixtures/documents.ts';
import { intolerant } from '../fixtures/ladder.ts';
import { makePki, pkiFiles } from '../fixtures/pki.ts';
import { oneRoute, runProxy } from '../fixtures/proxy.ts';
import { startStatusScene } from '../fixtures/status-scene.ts';
import { run } from './local.ts';

const commands = commandsIn(readDocument('docs/admin.md')).map(({ command }) => command);
const commandWith = (part: string): string => commands.find((each) => each.includes(part)) ?? '';

t.test('docs/admin.md: jq lists the routes with trouble, each with what to do next', async (t) => {
  const { proxy, decide, ask } = await startStatusScene(t);
  decide(intolerant);
  for (const route of ['billing', 'meters', 'payments']) await ask(route);
  const command = commandWith('jq').replace('localhost:9901', proxy.admin);
  const { code, stdout, stderr } = await run('bash', ['-o', 'pipefail', '-ec', command]);
  t.same([code, stderr], [0, '']);
  t.match(stdout, /^meters: .+$/m);
  t.match(stdout, /^payments: .*certificate/m);
  t.notMatch(stdout, /^billing: /m);
  t.notMatch(stdout, /: null$/m, 'each route has something to say');
});

t.test('docs/admin.md: curl reads the status with a token', async (t) => {
  const config = { ...oneRoute('https://127.0.0.1:1'), admin: '127.0.0.1:0', guard: { token: { env: 'TOKEN' } } };
  const env = { TOKEN: 'a-token-for-this-test-only' };
  const proxy = await runProxy(t, { config, files: pkiFiles(await makePki()), env });
  const command = commandWith('Bearer $TOKEN').replace('…', proxy.admin);
  const { code, stdout } = await run('bash', ['-ec', `TOKEN=${env.TOKEN}\n${command} --fail`]);
  t.equal(code, 0);
  t.match(JSON.parse(stdout), { generation: 1 });
});
