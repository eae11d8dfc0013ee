import { STATUS_CODES } from 'node:http';

/**
 * The label of every status from 0 to 999: itself where it is a registered one, else its class, such as `7xx`. An upstream
 * may answer with any three digits, and must not be able to make up time series.
 */
const labels: readonly string[] = Array.from({ length: 1000 }, (_, status) =>
  status === 0 || STATUS_CODES[status] !== undefined ? String(status) : `${Math.floor(status / 100)}xx`,
);

/** A response's status as a label out of a closed set; 0 where nothing was answered. */
export function codeLabel(status: number): string {
  return labels[status] ?? 'other';
}
