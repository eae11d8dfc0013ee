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

const [openFile, statOf, readInto, closeFile] = [promisify(open), promisify(stat), promisify(read), promisify(close)];

/** The most that is read at a time. */
const longestPiece = 64 * 1024;

/** Milliseconds within which two changes may have one time: of the coarsest clocks of file systems, FAT's has 2 s. */
const coarse = 3_000;

/**
 * Looks at a file without holding up anything else, be it on a server that does not answer. It is read only if something about
 * it is not as `before`.
 */
export async function lookAt(file: string, before?: FileState): Promise<FileState> {
  try {
    const stats = await statOf(file, { bigint: true });
    const { dev, ino, size, mtimeNs, mtimeMs, ctimeNs } = stats;
    const signature = [dev, ino, size, mtimeNs, ctimeNs].join(' ');
    if (signature === before?.signature) return before;
    const isNew = Math.abs(Date.now() - Number(mtimeMs)) < coarse;
    return { signature: isNew ? undefined : signature, found: await contentOf(file, stats) };
  } catch (error) {
    return { signature: undefined, found: String((error as NodeJS.ErrnoException).code) };
  }
}

async function contentOf(file: string, stats: Pick<BigIntStats, 'isDirectory' | 'isFile' | 'size'>): Promise<string> {
  if (stats.isDirectory()) return 'EISDIR';
  if (!stats.isFile()) return notRegular;
  const hash = createHash('sha256');
  // Memory that is asked for anew stays resident until V8 collects it. Some kinds of files do not tell their size.
  const piece = Buffer.allocUnsafe(Math.min(Math.max(Number(stats.size), 4096), longestPiece));
  // For a stream of it, or for node:fs's promises, Node would load all that it has to read lines and to keep a history of them.
  const descriptor = await openFile(file, 'r');
  try {
    let length: number;
    do {
      length = (await readInto(descriptor, piece, 0, piece.length, null)).bytesRead;
      hash.update(piece.subarray(0, length));
    } while (length > 0);
  } finally {
    await closeFile(descriptor);
  }
  return hash.digest('base64');
}
