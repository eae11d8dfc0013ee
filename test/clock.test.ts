import t from 'tap';
import { clock } from '../src/clock.ts';

/** What the clock says, between two looks at another one. */
const look = () => ({ before: performance.now(), at: clock(), after: performance.now() });

t.test('it counts milliseconds, as the one of Node does', async (t) => {
  const first = look();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const second = look();
  const passed = second.at - first.at;
  t.ok(passed >= second.before - first.after, 'no fewer');
  t.ok(passed <= second.after - first.before, 'and no more');
});
