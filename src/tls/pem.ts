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

/** The PEM blocks of a text that may hold anything between them, in order. */
export function pemBlocks(text: string): PemBlock[] {
  const found = text.matchAll(/-----BEGIN ([^\r\n-]+)-----([\s\S]*?)-----END \1-----/g);
  return [...found].map(([block, label = '', inside = '']) => {
    const body = inside.replace(/^\s*(?:[\w-]+:.*\r?\n)+/, '');
    return { label, text: `${block.replace(/\r\n?/g, '\n')}\n`, der: Buffer.from(body, 'base64') };
  });
}
