import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/**
 * Reads each file once, however often it is asked for, so that all that is made of one load is made of the same bytes. It
 * notes what it found, so that a later look can tell whether that has changed.
 */
export class FileReader {
  /** What was found, by the names asked for: the {@link digestOfBytes} of a file, or why it could not be read. */
  readonly found = new Map<string, string>();
  readonly #contents = new Map<string, Buffer>();

  /**
   * The bytes of a regular file: nothing without an end, and nothing that can be read only once.
   *
   * @param most octets that it may have
   * @throws an error whose `code` is the system's, or {@link notRegular}, or a sentence on its size
   */
  read(file: string, most: number): Buffer {
    const known = this.#contents.get(file);
    if (known !== undefined && known.length <= most) return known;
    try {
      checkKind(file, most);
      return this.#note(file, readFileSync(file));
    } catch (error) {
      this.found.set(file, String((error as NodeJS.ErrnoException).code));
      throw error;
    }
  }

  /**
   * The bytes of whatever it is, such as a pipe.
   *
   * @throws the system's error
   */
  readAny(file: string): Buffer {
    try {
      const content = this.#note(file, readFileSync(file));
      if (!statSync(file).isFile()) this.found.set(file, notRegular);
      return content;
    } catch (error) {
      this.found.set(file, String((error as NodeJS.ErrnoException).code));
      throw error;
    }
  }

  #note(file: string, content: Buffer): Buffer {
    this.#contents.set(file, content);
    this.found.set(file, digestOfBytes(content));
    return content;
  }
}

/** Stands for a pipe, socket or device, where a code of the system's would stand. */
export const notRegular = 'not regular';

/** What tells a file's content from another. */
function digestOfBytes(content: Buffer): string {
  return createHash('sha256').update(content).digest('base64');
}

function checkKind(file: string, most: number): void {
  const found = statSync(file);
  const large = `it is larger than ${most / 1024} KiB; is it the one that is meant?`;
  const code = found.isDirectory() ? 'EISDIR' : !found.isFile() ? notRegular : found.size > most ? large : undefined;
  if (code !== undefined) throw Object.assign(new Error(code), { code });
}
