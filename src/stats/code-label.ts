import { STATUS_CODES } from 'node:http';

/** Of each status that was asked for. All of a thousand would be made at the start, for the few that come. */
const labels = new Map<number, string>();

/**
 * A response's status as a label out of a closed set; 0 where nothing was answered. A registered status is its own label, another
 * one of three digits has its class, such as `7xx`: an upstream may answer with any, and must not be able to make up time series.
 */
export function codeLabel(status: number): string {
  return labels.get(status) ?? newLabel(status);
}

function newLabel(status: number): string {
  if (!Number.isInteger(status) || status < 0 || status > 999) return 'other';
  const label = status === 0 || STATUS_CODES[status] !== undefined ? String(status) : `${Math.floor(status / 100)}xx`;
  labels.set(status, label);
  return label;
}
