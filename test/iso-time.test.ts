import t from 'tap';
import { isoTime } from '../src/iso-time.ts';

t.test('a time in UTC, as a date writes itself', async (t) => {
  for (const time of [0, -1, 1_700_000_000_123, 951_782_399_999, 253_402_300_799_999, -62_167_219_200_000, 1.9]) {
    t.equal(isoTime(time), new Date(time).toISOString());
  }
  t.equal(isoTime('Jan  2 03:04:05 2026 GMT'), '2026-01-02T03:04:05.000Z');
});

t.test('what is no time is refused', async (t) => {
  for (const wrong of ['Bad time value', Number.NaN]) t.throws(() => isoTime(wrong), RangeError);
});
