import { createRequire } from 'node:module';
import type { pki } from 'node-forge';

/** One part of a subject or issuer name. */
export type NamePart = pki.CertificateField;

/** Loads node-forge, which takes some time and memory, so only where something needs it. */
export function loadForge(): typeof import('node-forge') {
  return createRequire(import.meta.url)('node-forge');
}
