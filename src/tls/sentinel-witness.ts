import type { Socket } from 'node:net';
import type { Version } from '../config/config.ts';
import type { Witness } from './handshake.ts';
import { type Offer, versionOrder } from './offers.ts';
import { HelloTap, sentinelOf } from './sentinel.ts';

/**
 * Looks for the downgrade sentinel in one handshake. OpenSSL looks for it only against the versions of the very offer,
 * so that for an offer without the higher ones nobody does.
 */
export class SentinelWitness implements Witness {
  readonly alpn: readonly string[] = [];
  #tap: HelloTap | undefined;

  tap(raw: Socket): HelloTap {
    this.#tap = new HelloTap(raw);
    return this.#tap;
  }

  watch(): void {}

  /** The version above the chosen one that the server says it speaks; undefined if it says nothing. */
  get sentinel(): Version | undefined {
    const random = this.#tap?.random;
    return random && sentinelOf(random);
  }
}

/** Whether an offer of a ladder lacks a version that one before it had. */
export function isLowered(offers: readonly Offer[], index: number): boolean {
  const rank = ({ max }: Offer): number => versionOrder.indexOf(max);
  const own = rank(offers[index] as Offer);
  return offers.slice(0, index).some((offer) => rank(offer) > own);
}
