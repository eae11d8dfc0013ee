import { createHash } from 'node:crypto';
import { type BigIntStats, createReadStream, promises } from 'node:fs';
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
    const stats = await promises.stat(file, { bigint: true });
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
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('base64');
}
