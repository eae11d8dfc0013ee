import t from 'tap';
import { giveBack } from '../../src/proxy/spent.ts';

const alone = (size: number): Buffer => Buffer.from(new ArrayBuffer(size));

t.test('memory that is all of these bytes is given back, at once if Node has something for that', (t) => {
  const bytes = alone(16_384);
  const lengths: number[] = [];
  // As Node 22 has it.
  Object.defineProperty(bytes.buffer, 'transfer', { value: (length: number) => lengths.push(length) });
  giveBack(bytes);
  t.same(lengths, [0]);
  t.end();
});

t.test('with what Node has for it, and without: as soon as the pieces are 128 KiB together', (t) => {
  for (const lacking of [false, true, true]) {
    const pieces = Array.from({ length: 8 }, () => alone(16_384));
    if (lacking) for (const { buffer } of pieces) Object.defineProperty(buffer, 'transfer', { value: undefined });
    for (const piece of pieces) {
      if (lacking) t.equal(pieces[0]?.length, 16_384);
      giveBack(piece);
      // One that is given twice counts once.
      giveBack(piece);
    }
    for (const { length, buffer } of pieces) t.same([length, buffer.byteLength], [0, 0]);
  }
  t.end();
});

t.test('what others may look at stays: a part of a piece, memory that Node shares out, and what is small', (t) => {
  const whole = alone(16_384).fill('a');
  for (const part of [whole.subarray(1), whole.subarray(0, 16_383), Buffer.from('b'.repeat(3_000)), alone(100)]) {
    const { length } = part;
    giveBack(part);
    t.equal(part.length, length);
  }
  t.equal(whole.toString('latin1'), 'a'.repeat(16_384));
  t.end();
});
