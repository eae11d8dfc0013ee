import type { ByteReader } from './byte-reader.ts';
import { damaged } from './fault.ts';

/** A class as the stream describes it: what its fields are, and what it extends. */
interface Description {
  readonly name: string;
  readonly fields: readonly string[];
  readonly parent: Description | undefined;
  /** How many classes it extends, so that no chain of them is walked again and again. */
  readonly height: number;
}

/** Octets of each primitive type, by its letter. */
const sizes: Readonly<Record<string, number>> = { B: 1, C: 2, D: 8, F: 4, I: 4, J: 8, S: 2, Z: 1 };

/** SealedObject needs two classes, and no object within another. */
const maxDepth = 8;

/**
 * Steps over one object in Java's serialization (Object Serialization Stream Protocol, chapter 6), of the plain kind that a
 * JCEKS holds its secret keys in: fields that are primitive, texts or arrays of octets. Nothing is made of it.
 *
 * @throws KeystoreError where it is of another kind
 */
export function skipObject(reader: ByteReader): void {
  if (reader.number(4) !== 0xaced0005) throw damaged('a secret key that is no Java object');
  new Skipper(reader).content(0);
}

class Skipper {
  readonly #reader: ByteReader;
  /** What the stream can refer back to, in order. */
  readonly #handles: (Description | undefined)[] = [];

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  content(depth: number): void {
    if (depth > maxDepth) throw damaged('a Java object nested too deep');
    const kind = this.#reader.number(1);
    if (kind === 0x70) return; // null
    if (kind === 0x71)
      this.#reader.take(4); // a reference
    else if (kind === 0x73) this.#object(depth);
    else if (kind === 0x74) this.#string();
    else if (kind === 0x75) this.#octets(depth);
    else throw damaged('an unknown part of a Java object');
  }

  #string(): void {
    this.#handles.push(undefined);
    this.#reader.text();
  }

  #octets(depth: number): void {
    if (this.#description(depth)?.name !== '[B') throw damaged('an unknown array in a Java object');
    this.#handles.push(undefined);
    this.#reader.block();
  }

  #object(depth: number): void {
    const description = this.#description(depth);
    this.#handles.push(undefined);
    const line: Description[] = [];
    for (let one = description; one !== undefined; one = one.parent) line.unshift(one);
    for (const type of line.flatMap(({ fields }) => fields)) {
      const size = sizes[type];
      if (size === undefined) this.content(depth + 1);
      else this.#reader.take(size);
    }
  }

  #description(depth: number): Description | undefined {
    if (depth > maxDepth) throw damaged('a Java class nested too deep');
    const kind = this.#reader.number(1);
    if (kind === 0x70) return undefined;
    if (kind === 0x71) return this.#handles[this.#reader.number(4) - 0x7e0000];
    if (kind !== 0x72) throw damaged('an unknown part of a Java object');
    const name = this.#reader.text();
    this.#reader.take(8); // serialVersionUID
    const handle = this.#handles.push(undefined) - 1;
    // SC_SERIALIZABLE alone: no data that only the class itself could read.
    if (this.#reader.number(1) !== 2) throw damaged('a Java object with data of its own');
    const fields = Array.from({ length: this.#reader.number(2) }, () => this.#field(depth));
    if (this.#reader.number(1) !== 0x78) throw damaged('a Java class with data of its own');
    const parent = this.#description(depth + 1);
    const height = parent === undefined ? 0 : parent.height + 1;
    if (height > maxDepth) throw damaged('a Java class nested too deep');
    const described = { name, fields, parent, height };
    this.#handles[handle] = described;
    return described;
  }

  /** @returns the letter of its type */
  #field(depth: number): string {
    const type = this.#reader.take(1).toString('latin1');
    this.#reader.text();
    if (sizes[type] === undefined) this.content(depth + 1);
    return type;
  }
}
