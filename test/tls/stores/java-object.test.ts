import t from 'tap';
import { ByteReader } from '../../../src/tls/stores/byte-reader.ts';
import { skipObject } from '../../../src/tls/stores/java-object.ts';
import { block, classOf, number, secretKey, text } from '../../fixtures/java-stores.ts';
import { refuses } from '../../fixtures/stores.ts';

const stream = (...parts: readonly Buffer[]): Buffer => Buffer.concat([number(4, 0xaced0005), ...parts]);
const nothing = number(1, 0x70);
const object = number(1, 0x73);
const array = number(1, 0x75);
const reference = (handle: number): Buffer => Buffer.concat([number(1, 0x71), number(4, 0x7e0000 + handle)]);
const field = (type: string, of: Buffer = Buffer.alloc(0)): Buffer => Buffer.concat([Buffer.from(type), text('f'), of]);
const string = (value: string): Buffer => Buffer.concat([number(1, 0x74), text(value)]);

function left(bytes: Buffer): number {
  const reader = new ByteReader(Buffer.concat([bytes, Buffer.alloc(7)]));
  skipObject(reader);
  return reader.left;
}

t.test('a sealed secret key is stepped over, to the octet', async (t) => {
  t.equal(left(secretKey()), 7);
});

t.test('so are fields of each primitive type, null, and a class named a second time', async (t) => {
  const types = { B: 1, C: 2, D: 8, F: 4, I: 4, J: 8, S: 2, Z: 1 };
  const fields = Object.keys(types).map((type) => field(type));
  const values = Buffer.alloc(Object.values(types).reduce((sum, size) => sum + size));
  t.equal(left(stream(object, classOf('A', fields), nothing, values)), 7);
  const two = [field('L', string('LB;')), field('L', reference(1))];
  // 0: class A, 1: its text, 2: the object, 3: class B, 4: an object of it
  t.equal(left(stream(object, classOf('A', two), nothing, object, classOf('B', []), nothing, object, reference(3))), 7);
  t.equal(left(stream(object, classOf('A', [field('L', string('LB;'))]), nothing, nothing)), 7);
  t.equal(left(stream(nothing)), 7);
  t.equal(left(stream(object, nothing)), 7, 'an object of no class');
});

t.test('anything else is refused, and nothing is read past the end', async (t) => {
  const wrong: Record<string, readonly [Buffer, RegExp]> = {
    'no object': [Buffer.alloc(8), /no Java object/],
    'an unknown part': [stream(number(1, 0x79)), /unknown part/],
    'an unknown class': [stream(object, number(1, 0x73)), /unknown part/],
    'a class that writes its own data': [stream(object, classOf('A', [], 3), nothing), /data of its own/],
    'a class with an annotation': [stream(object, classOf('A', []).subarray(0, -1), nothing), /data of its own/],
    'an array of something else': [stream(array, classOf('[I', []), nothing, block(Buffer.alloc(4))), /unknown array/],
    'an array of a class not named yet': [stream(array, reference(9), block(Buffer.alloc(4))), /unknown array/],
    'an array longer than the file': [stream(array, classOf('[B', []), nothing, number(4, 0xffffffff)), /too early/],
    'the end': [stream(object), /too early/],
  };
  for (const [name, [bytes, words]] of Object.entries(wrong)) {
    refuses(t, () => skipObject(new ByteReader(bytes)), 'damaged', words, name);
  }
});

t.test('depth is bounded: of objects in objects, of classes that extend each other, of texts in fields', async (t) => {
  const nested = Array.from({ length: 20 }, () => [object, classOf('A', [field('L', string('LB;'))]), nothing]).flat();
  refuses(t, () => skipObject(new ByteReader(stream(...nested))), 'damaged', /too deep/);
  const line = Array.from({ length: 20 }, () => classOf('A', []));
  refuses(t, () => skipObject(new ByteReader(stream(object, ...line, nothing))), 'damaged', /too deep/);
  // Class 0 has nine fields; the n-th is an object of a class that extends the one before, by reference.
  const fields = [field('L', string('LB;')), ...Array.from({ length: 11 }, () => field('L', reference(1)))];
  const chain = Array.from({ length: 12 }, (_, index) => [
    object,
    classOf('B', []),
    index === 0 ? nothing : reference(3 + 2 * (index - 1)),
  ]).flat();
  refuses(
    t,
    () => skipObject(new ByteReader(stream(object, classOf('A', fields), nothing, ...chain))),
    'damaged',
    /too deep/,
  );
});
