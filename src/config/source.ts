import type { Diagnostic } from './diagnostic.ts';

/** A stretch of the text, in UTF-16 units from its beginning; the end is not in it. */
export interface Span {
  readonly offset: number;
  readonly end: number;
}

/** Keys whose values nobody should read in a terminal or a log, misspelt ones included. */
export const secretKey = /pa?ss|phr?as|pa?s+wo?r?d|pwd|secret|token/i;

/** `KEY: value` on one line, unless the value says where the secret is. */
const secretOnLine = new RegExp(
  `(["']?[\\w.-]*(?:${secretKey.source})[\\w.-]*["']?[ \\t]*:[ \\t]*)(?!["']?\\$\\{[^}:]*\\}["']?\\s*$|\\{\\s*(?:env|file)\\s*:)\\S.*`,
  'i',
);

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
    while (line > 1 && offset < (this.#starts[line - 1] ?? 0)) line -= 1;
    return { line, column: offset - (this.#starts[line - 1] ?? 0) + 1 };
  }

  /** @param secrets stretches of which nothing may be shown */
  diagnostic(offset: number, message: string, severity: Diagnostic['severity'], secrets: readonly Span[]): Diagnostic {
    const { line, column } = this.place(offset);
    const source = this.#masked(line, secrets);
    return { severity, file: this.file, line, column: Math.min(column, source.length + 1), message, source };
  }

  #masked(line: number, secrets: readonly Span[]): string {
    const text = this.#lines[line - 1] ?? '';
    const start = this.#starts[line - 1] ?? 0;
    const hidden = secrets.filter(({ offset, end }) => offset <= start + text.length && end > start);
    const from = Math.min(text.length, ...hidden.map(({ offset }) => Math.max(0, offset - start)));
    const shown = from < text.length ? `${text.slice(0, from)}***` : text;
    return withoutCredentials(shown.replace(secretOnLine, '$1***'));
  }
}

/** Hides user name and password of the URLs in a text. */
export const withoutCredentials = (text: string): string => text.replace(/\/\/\S*@/g, '//***@');
