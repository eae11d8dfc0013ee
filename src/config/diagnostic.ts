/** A problem of the configuration with its place, as `check` prints it and as the log carries it after a reload. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** As the user named it; empty if the configuration came from no file. */
  readonly file: string;
  /** Of a configuration that came from no file: the value's place, such as `routes[0].tls.cert`. */
  readonly key?: string;
  /** Both count from 1; the column counts UTF-16 units, as editors do. */
  readonly line: number;
  readonly column: number;
  /** One sentence that says what to change; never a secret. */
  readonly message: string;
  /** The line it points at, secrets replaced by `***`; empty when there is no such line. */
  readonly source: string;
}

/** A problem in one line: `FILE:LINE:COL: message`, or `KEY: message` where there is no file. */
export function headline({ severity, file, key, line, column, message }: Diagnostic): string {
  return `${key ?? `${file}:${line}:${column}`}: ${severity === 'warning' ? 'warning: ' : ''}${message}`;
}

/**
 * The lines a person reads: `FILE:LINE:COL: message`, the source line and a caret below the column.
 * Tabs of the source line are repeated before the caret, so that it stands right at every tab width.
 */
export function render(diagnostic: Diagnostic): string {
  const { column, source } = diagnostic;
  const head = headline(diagnostic);
  if (source === '') return head;
  const indent = source.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return `${head}\n${source}\n${indent}^`;
}

/** Order by place, for `Array.prototype.sort`; errors before warnings at the same place. */
export function byPlace(a: Diagnostic, b: Diagnostic): number {
  return a.line - b.line || a.column - b.column || a.severity.localeCompare(b.severity);
}
