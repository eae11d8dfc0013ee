/** One `-----BEGIN LABEL-----` … `-----END LABEL-----` of a PEM file (RFC 7468). */
export interface PemBlock {
  readonly label: string;
  /** The block alone: what stands around it is left out. */
  readonly text: string;
  /** What its base64 holds; of a block with headers (RFC 1421) what is behind them. */
  readonly der: Buffer;
}

/** A file as text: UTF-16 as Windows' editors write it becomes readable, everything else keeps its bytes. */
export function textOf(file: Buffer): string {
  if (file[0] === 0xff && file[1] === 0xfe) return file.subarray(2).toString('utf16le');
  if (file[0] === 0xfe && file[1] === 0xff) {
    return Buffer.from(file.subarray(2, file.length - (file.length % 2)))
      .swap16()
      .toString('utf16le');
  }
  return file.toString('latin1');
}

/**
 * The PEM blocks of a text that may hold anything between them, in order; one that does not end is left out. The time it
 * takes grows with the text alone, whatever that is: files by mistake are read too.
 */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let end = 0;
  for (const { label, from, inside, last, to } of pairsOf(text)) {
    if (from < end) continue;
    end = to;
    const body = text.slice(inside, last).replace(/^\s*(?:[\w-]+:.*\r?\n)+/, '');
    const block = text.slice(from, to).replace(/\r\n?/g, '\n');
    blocks.push({ label, text: `${block}\n`, der: Buffer.from(body, 'base64') });
  }
  return blocks;
}

/** Offsets of a beginning and of the end of the same label that follows next. */
interface Pair {
  readonly label: string;
  readonly from: number;
  readonly inside: number;
  readonly last: number;
  readonly to: number;
}

function pairsOf(text: string): Pair[] {
  const ends = new Map<string, number>();
  const pairs: Pair[] = [];
  const lines = [...text.matchAll(/-----(BEGIN|END) ([^\r\n-]+)-----/g)];
  for (const { 0: line, 1: word, 2: label = '', index } of lines.reverse()) {
    const last = ends.get(label);
    if (word === 'END') ends.set(label, index);
    else if (last !== undefined)
      pairs.push({ label, from: index, inside: index + line.length, last, to: last + line.length - 2 });
  }
  return pairs.reverse();
}
