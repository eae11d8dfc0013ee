import fc from 'fast-check';
import t from 'tap';
import { mix } from '../../fixtures/attacks/mix.ts';
import { mixtureOf } from '../../fixtures/attacks/mixture.ts';
import { startPlace } from '../../fixtures/attacks/place.ts';
import { rows } from '../../fixtures/attacks/rows.ts';

/** For a longer search: how many, and from where. */
const { MIXTURES = '200', SEED = '9112' } = process.env;
const [numRuns, seed] = [Number(MIXTURES), Number(SEED)];

/** What fails is made smaller for so long, in milliseconds. */
const shrinking = 10_000;
const options = { timeout: 25_000 + numRuns * 20 };

t.test(
  'D7 D17 D22 of whatever a client writes the upstream reads only what a strict reader does',
  options,
  async (t) => {
    const place = await startPlace(t);
    const short = Object.values(rows)
      .flat()
      .filter(({ send }) => send.length < 600);
    const property = fc.asyncProperty(mixtureOf(short), fc.boolean(), async (text, inPieces) => {
      const faults = await mix(t, place, text, inPieces);
      if (faults.length > 0) throw new Error(faults.join('\n'));
    });
    const interruptAfterTimeLimit = shrinking + numRuns * 15;
    const found = await fc.check(property, { seed, numRuns, interruptAfterTimeLimit });
    t.notOk(found.failed, found.failed ? String(fc.defaultReportMessage(found)) : `in ${found.numRuns} mixtures`);
    t.ok(found.numRuns > 0);
  },
);
