import type { Diagnostic } from './diagnostic.ts';

/** A stretch of the text, in UTF-16 units from its beginning; the end is not in it. */
export interface Span {
  readonly offset: number;
  readonly end: number;
}

/** Keys whose values nobody should read in a terminal or a log, misspelt ones included. */
export const secretKey = /pa?ss|phr?as|pa?s+wo?r?d|pwd|secret|token/i;

const secretWord = new RegExp(`(?:${secretKey.source})[\\w-]*`, 'i');

/** A value that only says where the secret is. */
const elsewhere = /^["']?\s*:\s*(?:\{\s*(?:env|file)\s*:[^},]*\}|["']?\$\{[^}:]*\}["']?(?=\s*(?:$|[,}#])))/;

/** The same with its key, as a map that ends on its line, so that nothing of it is on the next. */
const whole = new RegExp(`${secretWord.source}["']?\\s*:\\s*\\{\\s*(?:env|file)\\s*:[^{},]*\\}`, 'gi');

/** The same as a map of lines, with its indentation. */
const inLines = /^(\s*)(?:env|file)\s*:\s*[^"'\s]+\s*$/;

/** A line that begins with a key, and so with nothing of the value above it. */
const key = /^\s*(?:-\s+)?["']?[\w.-]+["']?\s*:(?:\s|$)/;

/** A line after which the secret stands on the next. */
const endsInKey = new RegExp(`${secretWord.source}[^\\w\\n]*\\d?[-+]?\\s*$`, 'i');

/** The credentials of a URL, and of one whose scheme was forgotten behind a key that takes one. */
const credentials = /\/\/.*@|(?<=\b(?:via|url|upstream)["']?\s*:\s*["']?)(?!\w+:\/\/)[^\s{"'][^{]*:.*@/g;

/** Hides the user name and password of URLs in a text, and what stands after a word like `passphrase`, even without its colon. */
export function withoutSecrets(text: string): string {
  return withoutNamed(text.replace(credentials, (found) => (found.startsWith('//') ? '//***@' : '***@')));
}

function withoutNamed(text: string): string {
  const found = secretWord.exec(text);
  if (found === null) return text;
  const end = found.index + found[0].length;
  const [before, after] = [text.slice(0, end), text.slice(end)];
  const [place] = elsewhere.exec(after) ?? [];
  if (place !== undefined) return before + place + withoutNamed(after.slice(place.length));
  const colon = after.replace(/^(["']?\s*:?\s*).*/s, '$1');
  // In a path such as /run/secrets/key.pem the word is no key.
  const isKey = /^[^\w\n]*[^\w\n/.\\-]/.test(after) && after.length > colon.length;
  return before + (isKey ? `${colon}***` : withoutNamed(after));
}

/** Whether a line may be, or begin, the secret of the key at the end of the one before it. */
function mayContinue(previous: string, text: string): boolean {
  const indent = inLines.exec(previous)?.[1];
  if (indent !== undefined && text.search(/\S/) <= indent.length && key.test(text)) return false;
  return endsInKey.test(previous.replace(whole, '')) && !/^\s*(env|file)\s*:/.test(text);
}

/** The configuration's text as its author sees it, by line and column, without its secrets. */
export class Source {
  readonly file: string;
  readonly #lines: readonly string[];
  readonly #starts: readonly number[];

  /** @param text without a byte order mark */
  constructor(file: string, text: string) {
    this.file = file;
    this.#lines = text.split(/\r?\n/);
    const starts = [0];
    for (const newline of text.matchAll(/\n/g)) starts.push(newline.index + 1);
    this.#starts = starts;
  }

  /** Line and column, both from 1, of an offset. */
  place(offset: number): { line: number; column: number } {
    let line = this.#starts.length;
    while (offset < this.#startOf(line)) line -= 1;
    return { line, column: offset - this.#startOf(line) + 1 };
  }

  /** @param secrets stretches of which nothing may be shown */
  diagnostic(offset: number, message: string, severity: Diagnostic['severity'], secrets: readonly Span[]): Diagnostic {
    const { line, column } = this.place(offset);
    const source = this.#masked(line, secrets);
    return { severity, file: this.file, line, column: Math.min(column, source.length + 1), message, source };
  }

  /** Of a line that exists; the first begins at 0. */
  #startOf(line: number): number {
    return this.#starts[line - 1] as number;
  }

  #masked(line: number, secrets: readonly Span[]): string {
    const text = this.#lines[line - 1] as string;
    const start = this.#startOf(line);
    const hidden = secrets.filter(({ offset, end }) => offset <= start + text.length && end > start);
    const from = Math.min(text.length, ...hidden.map(({ offset }) => Math.max(0, offset - start)));
    const shown = from < text.length ? `${text.slice(0, from)}***` : text;
    return mayContinue(this.#lines[line - 2] ?? '', text) && text !== '' ? '***' : withoutSecrets(shown);
  }
}
