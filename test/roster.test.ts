import t from 'tap';
import { type Listed, Roster } from '../src/roster.ts';

interface Named extends Listed {
  readonly name: string;
}

const named = (name: string): Named => ({ name, place: -1 });
const names = (roster: Roster<Named>): string[] => [...roster].map(({ name }) => name).sort();

t.test('those on a roster come and go in any order', async (t) => {
  const roster = new Roster<Named>();
  const [a, b, c, d, e] = [named('a'), named('b'), named('c'), named('d'), named('e')];
  for (const one of [a, b, c, d]) roster.add(one);
  t.same(names(roster), ['a', 'b', 'c', 'd']);
  roster.remove(b);
  roster.remove(b);
  t.same(names(roster), ['a', 'c', 'd']);
  roster.remove(d);
  roster.add(e);
  roster.remove(a);
  t.same(names(roster), ['c', 'e']);
  roster.add(b);
  t.equal(roster.size, 3);
  for (const one of [e, c, b, a]) roster.remove(one);
  t.equal(roster.size, 0);
});

t.test('each keeps its place among many', async (t) => {
  const roster = new Roster<Named>();
  const all = Array.from({ length: 100 }, (_, index) => named(`${index}`));
  for (const one of all) roster.add(one);
  for (let index = 0; index < 100; index += 3) roster.remove(all[index] as Named);
  const left = all.filter((_, index) => index % 3 !== 0);
  t.same(new Set(roster), new Set(left));
  for (const one of left) roster.remove(one);
  t.same([...roster], []);
});
