import t from 'tap';
import { startPlace } from './fixtures/attacks/place.ts';
import type { Row } from './fixtures/attacks/row.ts';
import { attack, here, mannersOf } from './fixtures/attacks/run.ts';

const place = await startPlace(t);
const only = process.env['ONLY'];
const mode = process.env['MODE'];
for (const file of (process.env['FILES'] ?? '').split(',')) {
  const module = (await import(`./fixtures/attacks/${file}.js`)) as Record<string, readonly Row[]>;
  const rows = Object.entries(module)
    .filter(([n]) => n.endsWith('Rows'))
    .flatMap(([, v]) => v);
  console.log(`== ${file}: ${rows.length} rows`);
  const started = performance.now();
  for (const given of rows) {
    if (only !== undefined && !given.what.includes(only)) continue;
    const row = here(given);
    for (const manner of mannersOf(row)) {
      if (mode !== undefined && manner !== mode) continue;
      const faults = await attack(t, place, row, manner);
      for (const fault of faults) console.log(`** ${given.what} [${manner}]: ${fault.slice(0, 400)}`);
    }
  }
  console.log(`== ${file}: ${Math.round(performance.now() - started)} ms`);
}
t.pass('done');
