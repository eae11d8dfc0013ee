import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { stringify } from 'yaml';
import { send } from '../../fixtures/client.ts';
import { pki, trusting } from '../../fixtures/pair.ts';
import { pkiFiles } from '../../fixtures/pki.ts';
import { command, oneRoute } from '../../fixtures/proxy.ts';
import { makeFolder } from '../../fixtures/sound.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

t.test('with `format: pretty` the log is one sentence a line, from the start to the end', async (t) => {
  const up = await startUpstream(t, trusting);
  const config = { ...oneRoute(up.url), log: { format: 'pretty' } };
  const folder = await makeFolder(t, { ...pkiFiles(pki), 'proxy.yaml': stringify(config) });
  const child = spawn(process.execPath, [command, 'run', '--config', join(folder, 'proxy.yaml')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'close');
  let log = '';
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      const found = / INFO: listening on 127\.0\.0\.1:(\d+)\n/.exec(log)?.[1];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => reject(new Error(`it ended before it listened:\n${log}`)));
  });
  t.equal((await send(`http://127.0.0.1:${port}/iot/x`)).status, 200);
  child.kill('SIGTERM');
  t.same(await ended, [0, null]);
  const lines = log.trimEnd().split('\n');
  t.same(
    lines.filter((line) => !/^\d\d:\d\d:\d\d\.\d{3} INFO: [^{]+$/.test(line)),
    [],
  );
  for (const part of ['listening on', 'TLSv1.3', 'GET /iot/x', 'stopped']) {
    t.ok(
      lines.some((line) => line.includes(part)),
      part,
    );
  }
});
