import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { startPlace, token } from './fixtures/attacks/place.ts';
import { tell } from './fixtures/attacks/recorder.ts';
import { rawRequest } from './fixtures/client.ts';

t.test('explore', async (t) => {
  const place = await startPlace(t);
  const { recorder, proxy } = place;
  const rows: [string, string][] = eval(readFileSync(process.env['ROWS'] as string, 'utf8'));
  for (const [what, bytes] of rows) {
    const from = recorder.readings.length,
      ff = recorder.fragments.length,
      fu = recorder.unreadable.length;
    const w = await rawRequest(t, proxy.port, bytes.replaceAll('{T}', `Proxy-Authorization: Bearer ${token}\r\n`));
    await Promise.race([w.ended, sleep(Number(process.env['WAIT'] ?? 60))]);
    const end = await Promise.race([w.ended, sleep(1, 'open')]);
    const statuses = w
      .text()
      .match(/HTTP\/1\.1 \d\d\d[^\r]*|"detail":"[^"]*"/g)
      ?.map((x) => x.replace(/HTTP\/1\.1 /, '').slice(0, 90))
      .join(' | ');
    await w.close();
    console.log(
      `${what.padEnd(40)} ${end.padEnd(9)} [${statuses ?? ''}] => ${recorder.readings
        .all()
        .slice(from)
        .map(tell)
        .map((x) => JSON.stringify(x).slice(0, 100))
        .join(' ; ')} ${recorder.fragments
        .all()
        .slice(ff)
        .map((f) => `FRAG ${JSON.stringify(f)}`)
        .join()} ${recorder.unreadable
        .all()
        .slice(fu)
        .map((x) => `UNREADABLE ${x}`.slice(0, 300))
        .join()}`,
    );
  }
});
