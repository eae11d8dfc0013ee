import { createHash } from 'node:crypto';
import { type BigIntStats, close, open, read, stat } from 'node:fs';
import { promisify } from 'node:util';
import { notRegular } from '../config/file-reader.ts';

/** A file as a look at it found it. */
export interface FileState {
  /** Changes whenever the file may have; undefined if it is so new that a further change need not show in it. */
  readonly signature: string | undefined;
  /** As `FileReader.found` has it. */
  readonly found: string;
}

/** Milliseconds within which two changes may have one time: of the coarsest clocks of file systems, FAT's has 2 s. */
const coarse = 3_000;

/**
 * Looks at a file without holding up anything else, be it on a server that does not answer. It is read only if something about
 * it is not as `before`.
 */
export async function lookAt(file: string, before?: FileState): Promise<FileState> {
  try {
    const stats = await promisify(stat)(file, { bigint: true });
    const { dev, ino, size, mtimeNs, mtimeMs, ctimeNs } = stats;
    const signature = [dev, ino, size, mtimeNs, ctimeNs].join(' ');
    if (signature === before?.signature) return before;
    const isNew = Math.abs(Date.now() - Number(mtimeMs)) < coarse;
    return { signature: isNew ? undefined : signature, found: await contentOf(file, stats) };
  } catch (error) {
    return { signature: undefined, found: String((error as NodeJS.ErrnoException).code) };
  }
}

async function contentOf(file: string, stats: Pick<BigIntStats, 'isDirectory' | 'isFile'>): Promise<string> {
  if (stats.isDirectory()) return 'EISDIR';
  if (!stats.isFile()) return notRegular;
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(64 * 1024);
  // For a stream of it, or for node:fs's promises, Node would load all that it has to read lines and to keep a history of them.
  const descriptor = await promisify(open)(file, 'r');
  try {
    let length: number;
    do {
      length = (await promisify(read)(descriptor, piece, 0, piece.length, null)).bytesRead;
      hash.update(piece.subarray(0, length));
    } while (length > 0);
  } finally {
    await promisify(close)(descriptor);
  }
  return hash.digest('base64');
}
