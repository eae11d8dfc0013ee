import { lstat, readlink } from 'node:fs';
import { dirname, isAbsolute, parse, resolve, sep } from 'node:path';
import { promisify } from 'node:util';

/** An entry of a folder. */
export interface Lookup {
  /** Absolute, without symbolic links. */
  readonly folder: string;
  readonly name: string;
}

const lstatOf = promisify(lstat);
const targetOf = promisify(readlink);

/** Where a symbolic link leads, or that an entry is none. */
type Entry = { readonly link: string } | 'other' | 'missing';

/** What entries were found to be, by their paths: for paths that have folders in common, looked up one after the other. */
export type Entries = Map<string, Entry>;

/** So many symbolic links Linux follows as well (path_resolution(7)). */
const mostLinks = 40;

/**
 * The entries that decide what a path leads to: each symbolic link on its way, and at last the file itself, or the first entry
 * that is not there. Whoever watches their folders sees the path lead elsewhere; only a folder on its way that is put in the
 * place of another is not seen.
 *
 * @param path absolute
 * @param entries what is known, and what becomes known
 */
export async function lookups(path: string, entries: Entries = new Map()): Promise<Lookup[]> {
  const found: Lookup[] = [];
  let folder = parse(path).root;
  let left = partsOf(path);
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    if (name === '..') {
      folder = dirname(folder);
      continue;
    }
    // Not joined, which would look at each character of the folder again.
    const place = folder.endsWith(sep) ? folder + name : folder + sep + name;
    const entry = entries.get(place) ?? (await entryAt(place));
    entries.set(place, entry);
    if (entry !== 'other' || left.length === 0) found.push({ folder, name });
    if (entry === 'missing' || found.length > mostLinks) return found;
    if (entry === 'other') {
      folder = place;
    } else {
      if (isAbsolute(entry.link)) folder = resolve(parse(entry.link).root);
      left = [...partsOf(entry.link), ...left];
    }
  }
  return found;
}

function partsOf(path: string): string[] {
  return path
    .slice(parse(path).root.length)
    .split(sep === '/' ? '/' : /[\\/]/)
    .filter((part) => part !== '' && part !== '.');
}

/**
 * What cannot be looked at is as good as missing; but what only Node's permission model hides is there, and a folder below it
 * may be allowed.
 */
async function entryAt(place: string): Promise<Entry> {
  try {
    return (await lstatOf(place)).isSymbolicLink() ? { link: await targetOf(place) } : 'other';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_ACCESS_DENIED' ? 'other' : 'missing';
  }
}
