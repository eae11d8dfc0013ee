import t from 'tap';
import { duration, many, moment, rate, span } from '../../../src/admin/page/words.ts';

t.test('spans of time', async (t) => {
  const second = 1000;
  const minute = 60 * second;
  const hour = 60 * minute;
  for (const [ms, words] of [
    [0, '0 ms'],
    [12.4, '12 ms'],
    [second, '1 s'],
    [59.9 * second, '59 s'],
    [minute, '1 min'],
    [minute + second, '1 min 1 s'],
    [12 * minute + 5 * second, '12 min'],
    [5 * hour + 3 * minute, '5 h 3 min'],
    [51 * hour, '2 d 3 h'],
    [400 * 24 * hour, '400 d'],
  ] as const) {
    t.equal(span(ms), words);
  }
});

t.test('moments, past and to come', async (t) => {
  const now = '2030-01-01T00:00:10.000Z';
  const at = (time: string) => String(moment(time, now)).replace(/<[^>]*>/g, '');
  t.equal(at('2030-01-01T00:00:09.500Z'), 'now');
  t.equal(at('2030-01-01T00:00:02.100Z'), '7 s ago');
  t.equal(at('2030-01-01T00:00:15.900Z'), 'in 5 s');
  t.equal(at('2030-01-01T01:00:10.000Z'), 'in 1 h');
  const time = '2030-01-01T00:00:02.100Z';
  t.equal(String(moment(time, now)), `<time datetime="${time}" title="${time}">7 s ago</time>`);
});

t.test('durations, numbers and rates', async (t) => {
  t.same([null, 0.24, 9.96, 12.3, 9999, 12_345].map(duration), [
    'none',
    '0.2 ms',
    '10 ms',
    '12 ms',
    '9999 ms',
    '12.3 s',
  ]);
  t.same([many(1, 'day'), many(0, 'day'), many(12_000, 'request')], ['1 day', '0 days', '12,000 requests']);
  t.same([0, 0.04, 0.25, 9.96, 10.4, 1234.5].map(rate), ['0', '0', '0.3', '10', '10', '1235']);
});
