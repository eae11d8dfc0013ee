import t from 'tap';
import { giveBack } from '../../src/proxy/spent.ts';

const alone = (size: number): Buffer => Buffer.from(new ArrayBuffer(size));

t.test('memory that is all of these bytes is given back, with what Node has for it and without', (t) => {
  for (const lacking of [false, true]) {
    const bytes = alone(16_384);
    if (lacking) Object.defineProperty(bytes.buffer, 'transfer', { value: undefined });
    giveBack(bytes);
    t.equal(bytes.buffer.byteLength, 0);
    t.equal(bytes.length, 0);
    giveBack(bytes);
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
