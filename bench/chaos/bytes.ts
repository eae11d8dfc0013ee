/** What no client may ever see: it stands in everything that an upstream sends without being asked. */
export const poison = 'POISON';

/** The body of a request, or of its answer: its id over and over, so that a piece of another one shows. */
export function bodyOf(id: string, size: number): Buffer {
  return Buffer.alloc(size, `${id};`);
}

/** Whether bytes are the beginning of that body, or all of it. */
export function isBodyOf(id: string, bytes: Buffer): boolean {
  return bytes.equals(bodyOf(id, bytes.length));
}
